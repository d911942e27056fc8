-- Following a leader in this editor: the child, `playhead follow --editor`, the commands, and the window's line of state.
local leader = require("playhead.leader")
local marks = require("playhead.marks")
local pages = require("playhead.pages")
local view = require("playhead.view")
local api, fn = vim.api, vim.fn

-- job; started: whether the autocommands are there; former: the buffer that the window showed before
local follow = { job = nil, started = false, former = nil }

local function program()
  local given = vim.g.playhead_command
  if type(given) == "table" then given = given[1] end
  return given or os.getenv("PLAYHEAD_BIN") or "playhead"
end

-- ---- the line of state: a window bar where there is one, else the status line of the windows that show pages

local BAR = "%{%v:lua.require'playhead.leader'.line()%}"
local option = fn.exists("+winbar") == 1 and "winbar" or "statusline"
local function dress(win)
  if not api.nvim_win_is_valid(win) then return end
  local isPage = pages.byBuffer[api.nvim_win_get_buf(win)] ~= nil
  local has = api.nvim_win_get_option(win, option) == BAR
  if isPage ~= has then api.nvim_win_set_option(win, option, isPage and BAR or "") end
end

local function look()
  leader.look()
  for _, win in ipairs(api.nvim_tabpage_list_wins(0)) do pcall(dress, win) end
end

local function prepare()
  if follow.started then return end
  follow.started = true
  local group = api.nvim_create_augroup("playhead-follow", { clear = true })
  api.nvim_create_autocmd({ "CursorMoved", "WinScrolled", "BufWinEnter", "WinEnter", "WinClosed" },
    { group = group, callback = function() vim.schedule(look) end })
  api.nvim_create_autocmd("BufWipeout", { group = group, callback = function(args)
    local page = pages.byBuffer[args.buf]
    if page then pages.byBuffer[args.buf], pages.byId[page.id] = nil, nil end
  end })
  api.nvim_create_autocmd("ColorScheme", { group = group, callback = marks.colours })
  vim.on_key(function() view.touched = true end, api.nvim_create_namespace("playhead-follow"))
  marks.colours()
end

-- ---- the child

local function start(whom)
  local rest, complaint = {}, ""
  local environment = { PLAYHEAD_BROKER = vim.g.playhead_broker }
  local argv = { program(), "follow", "--editor" }
  vim.list_extend(argv, whom)
  local job
  local function isOurs() return follow.job == job end
  job = fn.jobstart(argv, {
    env = next(environment) and environment or nil,
    on_stdout = function(_, parts)
      if not isOurs() then return end
      rest[#rest + 1] = parts[1]
      if #parts == 1 then return end
      local lines = { table.concat(rest) }
      vim.list_extend(lines, parts, 2, #parts - 1)
      rest = { parts[#parts] }
      leader.take(lines)
    end,
    on_stderr = function(_, parts) complaint = (complaint .. table.concat(parts, "\n")):sub(-2000) end,
    on_exit = function(_, code)
      if not isOurs() then return end
      follow.job = nil
      local why = vim.trim(complaint):match("[^\n]*$")
      leader.status = { live = false, over = code == 0, text = why ~= "" and why or "the follower has ended" }
      leader.show()
      if code ~= 0 then vim.notify(why ~= "" and why or "playhead: the follower has ended", vim.log.levels.WARN) end
    end,
  })
  if job <= 0 then error("playhead: cannot start " .. argv[1], 0) end
  follow.job = job
  leader.ask = function(id) if isOurs() then fn.chansend(job, id .. "\n") end end
end

local function stop()
  local job = follow.job
  follow.job = nil
  if job then
    fn.chanclose(job, "stdin")
    fn.jobstop(job)
  end
  leader.at, leader.status = nil, nil
end

-- Without the windows that show them: those get what was there before, or nothing.
local function clear()
  for buf, page in pairs(vim.tbl_extend("force", {}, pages.byBuffer)) do
    for _, win in ipairs(fn.win_findbuf(buf)) do
      local former = win == view.window and follow.former
      if not former or not api.nvim_buf_is_valid(former) then former = api.nvim_create_buf(true, false) end
      pcall(api.nvim_win_set_buf, win, former)
    end
    pages.remove(page)
  end
end

-- Cuts the tether: the pages go on changing. With isOver the child ends as well, and the pages go.
function follow.unfollow(isOver)
  leader.cut()
  if isOver then
    stop()
    view.expected = nil
    clear()
  end
  if follow.started then
    leader.show()
    look()
  end
end

-- Follows these people or sessions in the current window; without a word ties the view again.
function follow.follow(whom, modifiers)
  prepare()
  local isAgain = #whom == 0 and follow.job ~= nil
  if not isAgain then
    follow.unfollow(true)
    if fn.executable(program()) == 0 then error("playhead: there is no program " .. program(), 0) end
    leader.whom = #whom > 0 and table.concat(whom, " ") or "everybody"
  end
  if modifiers ~= "" then vim.cmd(modifiers .. " split") end
  if modifiers ~= "" or not view.page() then view.window = api.nvim_get_current_win() end
  if not isAgain then
    follow.former = api.nvim_win_get_buf(view.window)
    local waiting = pages.add("", leader.whom)
    marks.note(waiting, "waiting for " .. leader.whom)
    if not pcall(api.nvim_win_set_buf, view.window, waiting.buf) then
      vim.cmd("split")
      view.window = api.nvim_get_current_win()
      api.nvim_win_set_buf(view.window, waiting.buf)
    end
    start(whom)
  end
  leader.tie()
  look()
  leader.show()
end

return follow
