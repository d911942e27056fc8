-- The child, `playhead editor`: starting it, writing to it, what to do when it does not read, and when it dies.
local text = require("playhead.text")
local uv, fn = vim.uv or vim.loop, vim.fn
local MOST_QUEUED = 4 * 2 ^ 20

-- process, stdin, stdout; stalled: since when; closed: what a stalled child is told first; off: never again; leaving
local link = { tries = 0, leaving = false }
-- Set by others: a line of the child; a new child has taken a dead one's place; a stalled one has read everything.
function link.said() end
function link.restarted() end
function link.drained() end

function link.now() return uv.hrtime() / 1e6 end

local told = false
function link.tell(words)
  if told then return end
  told = true
  vim.schedule(function() vim.notify("playhead: " .. words, vim.log.levels.WARN) end)
end

function link.send(message)
  if not link.stdin or link.stalled then return end
  message.mono = message.mono or link.now()
  if link.stdin:get_write_queue_size() > MOST_QUEUED then
    link.stalled, link.closed = link.now(), {}
    return
  end
  link.stdin:write(vim.json.encode(message) .. "\n")
end

local function forget()
  for _, handle in ipairs({ link.stdin, link.stdout, link.process }) do
    if handle and not handle:is_closing() then handle:close() end
  end
  link.stdin, link.stdout, link.process, link.stalled = nil, nil, nil, nil
end

local function command()
  local given = vim.g.playhead_command
  if type(given) == "string" then given = { given, "editor" } end
  return given or { os.getenv("PLAYHEAD_BIN") or "playhead", "editor" }
end

local function died()
  forget()
  if link.off or link.leaving then return end
  link.tries = link.now() - link.started > 10000 and 1 or link.tries + 1
  if link.tries > 5 then
    link.off = true
    return link.tell("the recorder ends again and again; this editor is not recorded")
  end
  vim.defer_fn(function()
    if link.leaving or not link.start() then return end
    link.tell("the recorder was started again")
    link.restarted()
  end, 100 * 2 ^ link.tries)
end

function link.start()
  if link.stdin then return true end
  if link.off then return false end
  local argv = command()
  if fn.executable(argv[1]) == 0 then
    link.off = true
    return false
  end
  local stdin, stdout, rest = uv.new_pipe(false), uv.new_pipe(false), ""
  local process
  process = uv.spawn(argv[1], { -- a session of its own: a hang-up of the terminal must not cost what is on its way
    args = { unpack(argv, 2) }, stdio = { stdin, stdout, nil }, detached = true,
  }, function() vim.schedule(function() if link.process == process then died() end end) end)
  if not process then
    link.off = true
    return false
  end
  link.process, link.stdin, link.stdout, link.started = process, stdin, stdout, link.now()
  stdout:read_start(function(_, data)
    if not data then return end
    rest = rest .. data
    local lines = {}
    for line in rest:gmatch("([^\n]*)\n") do lines[#lines + 1] = line end
    rest = rest:match("[^\n]*$")
    vim.schedule(function()
      if link.process ~= process then return end
      for _, line in ipairs(lines) do link.said(line) end
    end)
  end)
  local version = vim.version()
  local number = ("%d.%d.%d"):format(version.major, version.minor, version.patch)
  link.send({ ev = "hello", protocol = 1, editor = "nvim", version = number,
    pid = fn.getpid(), cwd = text.value(fn.getcwd()), clock = "monotonic" })
  return true
end

-- A stalled child gets nothing until it has read everything; then whole texts, since edits are missing in between.
local function watchStall()
  if not link.stalled then return end
  if link.stdin:get_write_queue_size() == 0 then
    link.stalled = nil
    link.drained()
  elseif link.now() - link.stalled > 5000 then
    link.tell("the recorder does not answer; edits are recorded again when it does")
  end
end
uv.new_timer():start(500, 500, vim.schedule_wrap(watchStall))

return link
