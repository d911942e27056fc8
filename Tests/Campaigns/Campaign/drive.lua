-- Edits the files of PLAYHEAD_FILES (one per line) at random, every few ms, as a person with a fast hand would.
-- `Drive.stop()` ends that and writes each buffer's text, as bytes, beside its file as FILE.final.
local files = vim.split(os.getenv("PLAYHEAD_FILES"), "\n", { trimempty = true })
local every = tonumber(os.getenv("PLAYHEAD_DRIVE_MS") or "10")
math.randomseed(tonumber(os.getenv("PLAYHEAD_SEED") or "1"))
vim.g.playhead_check_every = 50
vim.o.hidden, vim.o.swapfile, vim.o.more, vim.o.confirm = true, false, false, false
vim.cmd("source " .. os.getenv("PLAYHEAD_PLUGIN"))
for _, file in ipairs(files) do vim.cmd("silent edit " .. file) end

local api = vim.api
local words = { "x", "let value = 1", "été", "🎉", "e\204\129", "日本語", "\t", "  ", "()", "// note", "foo(bar)" }
local function word() return words[math.random(#words)] end
local function row() return math.random(api.nvim_buf_line_count(0)) - 1 end
local steps = {
  function()
    local r = row()
    local line = api.nvim_buf_get_lines(0, r, r + 1, false)[1]
    api.nvim_buf_set_text(0, r, #line, r, #line, { word() })
  end,
  function() api.nvim_buf_set_lines(0, row(), -1, false, { word(), word() .. word() }) end,
  function() local r = row() api.nvim_buf_set_lines(0, r, r, false, { word(), word() }) end,
  function() local r = row() api.nvim_buf_set_lines(0, r, r + 1, false, {}) end,
  function() vim.cmd("silent! undo") end,
  function() vim.cmd("silent! s/o/0/ge") end,
  function() api.nvim_put({ word() }, "c", true, true) end,
  function() api.nvim_win_set_cursor(0, { row() + 1, 0 }) end,
}
local running, count = true, 0
local function step()
  if not running then return end
  count = count + 1
  if count % 40 == 0 then vim.cmd("silent buffer " .. files[math.random(#files)]) end
  if count % 60 == 0 then vim.cmd("silent write!") end
  if api.nvim_buf_line_count(0) > 300 then api.nvim_buf_set_lines(0, 20, -1, false, {}) end
  pcall(steps[math.random(#steps)])
end
local timer = vim.loop.new_timer()
timer:start(every, every, vim.schedule_wrap(step))

Drive = {}
function Drive.count() return count end
function Drive.pause() running = false return count end
function Drive.resume() running = true return count end
function Drive.texts()
  for _, file in ipairs(files) do
    local out = assert(io.open(file .. ".final", "wb"))
    out:write(table.concat(api.nvim_buf_get_lines(vim.fn.bufnr(file), 0, -1, false), "\n"), "\n")
    out:close()
  end
  return count
end
function Drive.messages() return vim.fn.execute("messages") end
