-- In a Neovim that follows PLAYHEAD_WHOM with the plug-in of PLAYHEAD_PLUGIN: tells what its pages hold.
vim.cmd("source " .. os.getenv("PLAYHEAD_PLUGIN"))
local leader, marks, pages, view =
  require("playhead.leader"), require("playhead.marks"), require("playhead.pages"), require("playhead.view")
local api = vim.api

-- times: when each edit of a file of that name was in the buffer, in ns of the monotonic clock.
Probe = { edits = 0, refused = 0, times = {} }
local edit = pages.edit
function pages.edit(page, ...)
  local ok = edit(page, ...)
  if page.path and page.path:find("typed.txt", 1, true) then
    Probe.times[#Probe.times + 1] = ("%d"):format(vim.loop.hrtime())
  end
  Probe.edits = Probe.edits + 1
  if not ok then Probe.refused = Probe.refused + 1 end
  return ok
end

local function offset(lines, mark)
  if not mark[1] then return -1 end
  local sum = mark[2]
  for i = 1, mark[1] do sum = sum + #lines[i] + 1 end
  return sum
end

-- FOLDER/index: a line of the view, then one for each page: its file, the byte offset of the leader's cursor, and the
-- name of the file beside it with the buffer's bytes.
function Probe.write(folder)
  vim.fn.mkdir(folder, "p")
  local shown = view.page()
  local index = { table.concat({ shown and shown.name or "", leader.tied.state, leader.words(), Probe.edits, Probe.refused }, "\t") }
  for _, page in pairs(pages.byId) do
    if not page.isClosed and page.id ~= "" then
      local lines = api.nvim_buf_get_lines(page.buf, 0, -1, false)
      local name = ("%d.text"):format(page.buf)
      local out = assert(io.open(folder .. "/" .. name, "wb"))
      out:write(table.concat(lines, "\n"), page.isEnded and "\n" or "")
      out:close()
      local mark = api.nvim_buf_get_extmark_by_id(page.buf, marks.space, marks.CURSOR, {})
      index[#index + 1] = table.concat({ page.path or page.name, offset(lines, mark), name }, "\t")
    end
  end
  vim.fn.writefile(Probe.times, folder .. "/times")
  vim.fn.writefile(index, folder .. "/index")
  return ""
end

vim.o.swapfile, vim.o.more = false, false
vim.cmd("silent edit own.txt")
vim.cmd("PlayheadFollow " .. os.getenv("PLAYHEAD_WHOM"))
