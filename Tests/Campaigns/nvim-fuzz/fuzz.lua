-- Random operations on the files of PLAYHEAD_FILES (one per line), with the plugin of PLAYHEAD_PLUGIN.
-- At the end each buffer's text, as bytes, is beside its file as FILE.final; it stays until PLAYHEAD_GO, a file, is there.
-- With PLAYHEAD_STEP_MS it does one every so many ms, as a person would, and tells at the end where its cursor is, as
-- GO.cursor: the file and the byte offset, on two lines.
local files = vim.split(os.getenv("PLAYHEAD_FILES"), "\n", { trimempty = true })
local rounds = tonumber(os.getenv("PLAYHEAD_ROUNDS") or "2000")
math.randomseed(tonumber(os.getenv("PLAYHEAD_SEED") or "1"))
vim.g.playhead_check_every = tonumber(os.getenv("PLAYHEAD_CHECK_EVERY") or "1")
vim.o.hidden, vim.o.autoread, vim.o.more, vim.o.swapfile, vim.o.confirm = true, true, false, false, false
vim.o.updatecount = 0
vim.cmd("autocmd FileChangedShell * let v:fcs_choice = 'reload'")
vim.cmd("source " .. os.getenv("PLAYHEAD_PLUGIN"))
for _, file in ipairs(files) do vim.cmd("silent edit " .. file) end

local words = { "x", "foo", "été", "🎉", "e\204\129\204\167", "👩‍💻", "日本語", "\t", "  ", "()", "ﷺ", "a\r", "ß", "\0", "\255\254", "🇩🇪", "" }
local function pick(list) return list[math.random(#list)] end
local function word()
  local parts = {}
  for i = 1, math.random(4) do parts[i] = pick(words) end
  return table.concat(parts)
end
local function typable() return (word():gsub("[%z\r\255\254]", "é"):gsub("<", "x")) end
local function lines(n)
  local list = {}
  for i = 1, math.random(n or 4) do list[i] = word():gsub("\n", "") end
  return list
end
local function isText(line) -- whether its bytes are UTF-8
  local rest = line:gsub("[\194-\223][\128-\191]", ""):gsub("[\224-\239][\128-\191][\128-\191]", "")
  return not rest:gsub("[\240-\244][\128-\191][\128-\191][\128-\191]", ""):find("[\128-\255]")
end
local function keys(s)
  -- Neovim 0.7 takes back for ever what was typed over a part of a character.
  if s:find("^R.*<BS>") and not isText(vim.api.nvim_get_current_line()) then return end
  -- A recording that a failed key left open would take in `@q`: a macro that calls itself ends never.
  if vim.fn.reg_recording() ~= "" then vim.api.nvim_feedkeys("q", "tx", false) end
  if vim.fn.getreg("q"):find("@", 1, true) then vim.fn.setreg("q", "A!\27j") end
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(s, true, false, true), "tx", false)
end
local normal = {
  "x", "X", "dd", "D", "yyp", "yyP", "3p", "xp", "ddp", "J", "gJ", "u", "u", "<C-r>", "<C-r>", "U", ".", "~", "guu", "gUiw", "g~~", ">>",
  "<lt><lt>", "==", "dw", "db", "diw", "daw", "dG", "dgg", "ggVGd", "Vjd", "vwd", "vey", "P", "p", "gp", "gqq", "rQ", "ré", "<C-a>", "<C-x>",
  "<C-v>jjd", "<C-v>jlc#<Esc>", "<C-v>jI🎉<Esc>", "<C-v>j$A;é<Esc>", "Vjj>", "qqA!<Esc>jq", "@q", "2@q", "o<Esc>", "O<Esc>", "5o-<Esc>", "cc<Esc>",
  "S<Esc>", "s<Esc>", "ia<CR>b<CR><C-w>c<Esc>", "i<BS><BS><Esc>", "A<C-u>x<Esc>", "ifo<C-n><Esc>", "i<C-k>a:<Esc>", "i<C-v>u20ac<Esc>",
  "i<C-r>\"<Esc>", "R🎉é<BS><Esc>", "3Rab<Esc>", "zfj", "zd", "g??", "ylvp", "vip:sort<CR>",
}
-- A macro that calls itself, and never comes to an end, would be waited for.
if os.getenv("PLAYHEAD_STEP_MS") then
  normal = vim.tbl_filter(function(keys) return not keys:find("[q@]") or keys == "gqq" end, normal)
end
local ex = {
  "s/o/été/ge", "%s/e/🎉/ge", "%s/$/;/e", "%s/^/é/e", "%s/\\n/ /e", "%s/ /\\r/ge", "g/x/d", "v/o/d", "g/^/m0", "sort", "sort!", "m0", "m$", "t.", "t$",
  "1,2join", "retab!", "%d", "undo", "redo", "undo 0", "earlier 3", "later 2", "earlier 1s", "normal! 2dd", "left", "right 40", "center", "put =1",
  "0put ='é'", "%!cat", "%!sort -r", "r !echo x", "set ff=dos", "set ff=unix", "set nobomb", "set noeol", "set eol", "undojoin | normal! Ax",
}
local api = vim.api
local function write() -- without the question whether a file that changed may be written
  vim.fn.delete(api.nvim_buf_get_name(0))
  vim.cmd("silent w!")
end
local calls = {
  write, write,
  function() api.nvim_buf_set_lines(0, -2, -1, false, lines()) end,
  function() local n = api.nvim_buf_line_count(0) api.nvim_buf_set_lines(0, math.random(0, n - 1), n, false, lines(8)) end,
  function() api.nvim_buf_set_lines(0, 0, 0, false, lines(600)) end,
  function() local r = math.random(api.nvim_buf_line_count(0)) - 1 api.nvim_buf_set_text(0, r, 0, r, 0, lines()) end,
  function() api.nvim_put(lines(), pick({ "c", "l", "b" }), math.random(2) == 1, math.random(2) == 1) end,
  function() vim.paste({ "päste", "🎉 " }, -1) end,
  function() vim.fn.setline(1, word()) end,
  function() vim.fn.append(math.random(0, api.nvim_buf_line_count(0)), lines()) end,
  function() vim.cmd("silent buffer " .. pick(files)) end,
  function() vim.cmd("silent edit!") end,
  function() write() vim.fn.writefile(lines(6), api.nvim_buf_get_name(0)) vim.cmd("silent checktime") end,
  function() local b = vim.fn.bufnr(pick(files)) api.nvim_buf_set_lines(b, 0, 1, false, lines()) end, -- not the current one
  function() vim.cmd("silent bdelete! | silent edit " .. pick(files)) end,
  function() vim.cmd("silent new | only") vim.cmd("silent buffer " .. pick(files)) end,
  function() vim.wait(1) end,
}

local function operate()
  local count = api.nvim_buf_line_count(0)
  if count > 3000 then pcall(vim.cmd, "silent 50,$d") end
  pcall(api.nvim_win_set_cursor, 0, { math.random(api.nvim_buf_line_count(0)), math.random(0, 12) })
  local kind = math.random(10)
  if kind <= 5 then pcall(keys, pick(normal))
  elseif kind <= 6 then pcall(keys, pick({ "i", "a", "A", "I", "o", "O" }) .. typable() .. "<Esc>")
  elseif kind <= 8 then pcall(vim.cmd, "silent! " .. pick(ex))
  else pcall(pick(calls)) end
  if math.random(2) == 1 then vim.wait(0) end
end

local function visit()
  for _, file in ipairs(files) do pcall(vim.cmd, "silent! buffer " .. file) end -- also those that were unloaded
end
local function writeTexts()
  for _, file in ipairs(files) do
    local buf = vim.fn.bufnr(file)
    if buf > 0 and api.nvim_buf_is_loaded(buf) then
      local out = assert(io.open(file .. ".final", "wb"))
      out:write(table.concat(api.nvim_buf_get_lines(buf, 0, -1, false), "\n"), "\n")
      out:close()
    end
  end
end

local go, step = os.getenv("PLAYHEAD_GO"), tonumber(os.getenv("PLAYHEAD_STEP_MS") or "")
if not step then
  for _ = 1, rounds do operate() end
  visit()
  vim.wait(20)
  writeTexts()
  if go then
    vim.fn.writefile({}, go .. ".ready")
    vim.wait(300000, function() return vim.loop.fs_stat(go) ~= nil end, 20)
  end
  vim.cmd("qa!")
end

local function rest() -- somewhere in one of the files
  keys("<C-Bslash><C-n>")
  vim.cmd("silent buffer " .. pick(files))
  local row = math.random(api.nvim_buf_line_count(0))
  local line = api.nvim_buf_get_lines(0, row - 1, row, true)[1]
  local column = math.max(0, math.min(math.random(0, 12), #line - 1))
  -- Where Neovim puts it before it draws: at the beginning of a character, combining marks counted as part of it.
  -- A line with a NUL has a newline for it in Vim's own strings; with the NUL it would arrive there as a blob.
  local text = line:gsub("%z", "\n")
  if #text > 0 then column = vim.fn.byteidx(text, vim.fn.charidx(text, column)) end
  api.nvim_win_set_cursor(0, { row, column })
  writeTexts()
  local at, offset = api.nvim_win_get_cursor(0), 0
  for _, line in ipairs(api.nvim_buf_get_lines(0, 0, at[1] - 1, true)) do offset = offset + #line + 1 end
  vim.fn.writefile({ api.nvim_buf_get_name(0), tostring(offset + at[2]) }, go .. ".cursor")
  vim.fn.writefile({}, go .. ".ready")
end
local done, timer = 0, vim.loop.new_timer()
timer:start(step, step, vim.schedule_wrap(function()
  if done < rounds then
    done = done + 1
    operate()
  elseif done == rounds then
    done = done + 1
    visit()
    vim.schedule(rest)
  elseif vim.loop.fs_stat(go) then
    vim.cmd("qa!")
  end
end))
