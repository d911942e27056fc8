-- Playhead for Neovim 0.7 and newer: tells `playhead editor`, a child, what happens in the buffers of files.
-- What is recorded, and where to, is decided there; text leaves only when asked for (docs/EDITOR-PROTOCOL.md).
-- Changes come from on_lines against a shadow copy: on_bytes fires before the new text is there (:s, undo).
if vim.g.loaded_playhead or vim.g.playhead_disabled then return end
vim.g.loaded_playhead = 1

local uv, api, fn = vim.uv or vim.loop, vim.api, vim.fn
local MOST_QUEUED, MOST_HELD, LARGEST = 4 * 2 ^ 20, 4 * 2 ^ 20, 16 * 2 ^ 20
local CHECK_EVERY, CURSOR_MS, CHUNK = vim.g.playhead_check_every or 1000, 100, 128

local link = { tries = 0 } -- process, stdin, stdout; stalled: since when; off: never again
local docs, byNumber, gone, lastNumber = {}, {}, {}, 0
local batch, batchScheduled = {}, false
local cursor = {} -- waiting: a message; sent: when; timer
local keys, pasting, saving, yanked, told, focused = 0, false, false, nil, false, nil

local function now() return uv.hrtime() / 1e6 end

local function tell(text)
  if told then return end
  told = true
  vim.schedule(function() vim.notify("playhead: " .. text, vim.log.levels.WARN) end)
end

-- ---- text as JSON: strings where they are UTF-8, else {"b64": …}

local function isUTF8(s)
  if not s:find("[\128-\255]") then return true end
  s = s:gsub("\240[\144-\191][\128-\191][\128-\191]", "x"):gsub("[\241-\243][\128-\191][\128-\191][\128-\191]", "x")
  s = s:gsub("\244[\128-\143][\128-\191][\128-\191]", "x"):gsub("\224[\160-\191][\128-\191]", "x")
  s = s:gsub("\237[\128-\159][\128-\191]", "x"):gsub("[\225-\236\238\239][\128-\191][\128-\191]", "x")
  return not s:gsub("[\194-\223][\128-\191]", "x"):find("[\128-\255]")
end

local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64(s)
  local out = {}
  for i = 1, #s, 3 do
    local a, b, c = s:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    for k = 0, 3 do
      local d = math.floor(n / 64 ^ (3 - k)) % 64 + 1
      out[#out + 1] = (k < 2 or (k == 2 and b) or c) and digits:sub(d, d) or "="
    end
  end
  return table.concat(out)
end

local function text(s) return isUTF8(s) and s or { b64 = base64(s) } end

-- ---- the child

local start -- below

local function send(message)
  if not link.stdin or link.stalled then return end
  message.mono = message.mono or now()
  if link.stdin:get_write_queue_size() > MOST_QUEUED then
    link.stalled, link.closed = now(), {}
    return
  end
  link.stdin:write(vim.json.encode(message) .. "\n")
end

local function shadowText(doc)
  local parts = {}
  for _, chunk in ipairs(doc.chunks) do
    parts[#parts + 1] = table.concat(chunk.lines, "\n")
  end
  return table.concat(parts, "\n") .. "\n"
end

local function bufferText(buf) return table.concat(api.nvim_buf_get_lines(buf, 0, -1, false), "\n") .. "\n" end

local function hash(s) -- a text with NUL bytes is no string for Vim's functions
  if not s:find("%z") then return fn.sha256(s) end
end

-- An edit or a check waits with the document until the child has said whether it is recorded.
local function sendFor(doc, message)
  if doc.state == "record" then return send(message) end
  if doc.state ~= "asked" then return end
  message.mono = message.mono or now()
  doc.heldBytes = doc.heldBytes + (type(message.text) == "string" and #message.text or 64) + 64
  if doc.heldBytes > MOST_HELD then doc.held, doc.opening = nil, nil end
  if doc.held then doc.held[#doc.held + 1] = message end
end

-- ---- the shadow copy: chunks of lines that know their bytes

local function chunksOf(lines)
  local chunks, i = {}, 1
  repeat
    local part, bytes = {}, 0
    for k = i, math.min(i + CHUNK - 1, #lines) do
      part[#part + 1] = lines[k]
      bytes = bytes + #lines[k] + 1
    end
    chunks[#chunks + 1] = { lines = part, bytes = bytes }
    i = i + CHUNK
  until i > #lines
  return chunks
end

local function snapshot(doc)
  local lines = api.nvim_buf_get_lines(doc.buf, 0, -1, false)
  doc.chunks, doc.count = chunksOf(lines), #lines
end

-- The chunk that holds a line (from 0), its place there, the bytes before the chunk; past the end: after the last one.
local function locate(doc, line)
  local before, bytes = 0, 0
  for i, chunk in ipairs(doc.chunks) do
    if line < before + #chunk.lines or i == #doc.chunks then return i, math.min(line - before, #chunk.lines), bytes end
    before, bytes = before + #chunk.lines, bytes + chunk.bytes
  end
end

local function offsetOf(doc, line)
  local i, place, bytes = locate(doc, line)
  for k = 1, place do bytes = bytes + #doc.chunks[i].lines[k] + 1 end
  return bytes
end

local function oldLines(doc, first, last)
  local lines = {}
  if last <= first then return lines end
  local i, place = locate(doc, first)
  while #lines < last - first and doc.chunks[i] do
    local chunk = doc.chunks[i]
    while place < #chunk.lines and #lines < last - first do
      place = place + 1
      lines[#lines + 1] = chunk.lines[place]
    end
    i, place = i + 1, 0
  end
  return lines
end

local function replaceLines(doc, first, last, new)
  local a, from = locate(doc, first)
  local z, to = locate(doc, last)
  local chunk = doc.chunks[a]
  local size = #chunk.lines - (to - from) + #new
  if a == z and size >= 1 and size <= 2 * CHUNK and #new + to - from <= 16 then -- the usual: a few lines in place
    for _ = from + 1, to do chunk.bytes = chunk.bytes - #table.remove(chunk.lines, from + 1) - 1 end
    for i, line in ipairs(new) do
      table.insert(chunk.lines, from + i, line)
      chunk.bytes = chunk.bytes + #line + 1
    end
    doc.count = doc.count - (last - first) + #new
    return
  end
  local lines = {}
  for k = 1, from do lines[#lines + 1] = doc.chunks[a].lines[k] end
  for _, line in ipairs(new) do lines[#lines + 1] = line end
  for k = to + 1, #doc.chunks[z].lines do lines[#lines + 1] = doc.chunks[z].lines[k] end
  if #lines < CHUNK / 4 and doc.chunks[z + 1] then -- small chunks join their neighbour
    z = z + 1
    vim.list_extend(lines, doc.chunks[z].lines)
  end
  local made = chunksOf(lines)
  if z - a + 1 == #made then
    for k, chunk in ipairs(made) do doc.chunks[a + k - 1] = chunk end
  else
    local all = {}
    for k = 1, a - 1 do all[#all + 1] = doc.chunks[k] end
    vim.list_extend(all, made)
    for k = z + 1, #doc.chunks do all[#all + 1] = doc.chunks[k] end
    doc.chunks = all
  end
  doc.count = doc.count - (last - first) + #new
end

local function setLine(doc, line, value)
  local i, place = locate(doc, line)
  local chunk = doc.chunks[i]
  chunk.bytes = chunk.bytes + #value - #chunk.lines[place + 1]
  chunk.lines[place + 1] = value
end

-- ---- changes

local function isInner(byte) return byte and byte >= 0x80 and byte < 0xC0 end

-- What differs: the bytes before it, how many go, what comes; never inside a UTF-8 character.
local function trim(old, new)
  local no, nn = #old, #new
  local least, p, s = math.min(no, nn), 0, 0
  while p < least and old:byte(p + 1) == new:byte(p + 1) do p = p + 1 end
  while p > 0 and (isInner(old:byte(p + 1)) or isInner(new:byte(p + 1))) do p = p - 1 end
  while s < least - p and old:byte(no - s) == new:byte(nn - s) do s = s + 1 end
  while s > 0 and isInner(old:byte(no - s + 1)) do s = s - 1 end
  return p, no - p - s, new:sub(p + 1, nn - s)
end

local function sendCursor()
  local message = cursor.waiting
  if not message then return end
  cursor.waiting, cursor.sent = nil, now()
  local doc = byNumber[message.doc]
  if doc then sendFor(doc, message) end
end

local check, catchUp -- below

local function flush()
  batchScheduled = false
  if #batch == 0 then return end
  local edits = batch
  batch = {}
  local current = docs[api.nvim_get_current_buf()]
  for _, edit in ipairs(edits) do
    local doc = edit.owner
    local origin = edit.origin
    if not origin and doc == current then
      doc.batchOrigin = doc.batchOrigin or (function()
        local at, before = fn.changenr(), doc.change
        doc.change = at
        if at <= doc.lastChange and at ~= before then return at < before and "undo" or "redo" end
        doc.lastChange = math.max(doc.lastChange, at)
        return keys == doc.keys and "tool" or "typed"
      end)()
      origin = doc.batchOrigin
      if origin == "typed" and #edit.text > 1 and edit.text == yanked then origin = "paste" end
    end
    doc.edits = doc.edits + 1
    sendFor(doc, { ev = "edit", doc = doc.number, off = edit.off, del = edit.del, text = text(edit.text),
      origin = origin or "tool", mono = edit.mono })
  end
  for _, edit in ipairs(edits) do
    local doc = edit.owner
    doc.batchOrigin, doc.keys = nil, keys
    if doc.edits >= CHECK_EVERY and not doc.checking then
      doc.checking = true
      vim.schedule(function() check(doc) end) -- not here: the next change may be half told
    end
  end
end

function check(doc)
  doc.edits, doc.checking = 0, false
  if docs[doc.buf] ~= doc or not api.nvim_buf_is_loaded(doc.buf) then return end
  catchUp(doc)
  flush()
  sendFor(doc, { ev = "check", doc = doc.number, sha256 = hash(bufferText(doc.buf)) })
end

local function emit(doc, off, del, inserted, origin)
  if cursor.waiting and not cursor.implied then
    flush()
    sendCursor()
  end
  cursor.waiting = nil
  doc.editEnd = off + #inserted
  batch[#batch + 1] = { owner = doc, off = off, del = del, text = inserted, origin = origin, mono = now() }
  if #batch > 200 then return flush() end
  if not batchScheduled then
    batchScheduled = true
    vim.schedule(flush)
  end
end

local function change(doc, first, last, new, origin)
  local old = oldLines(doc, first, last)
  last = first + #old
  if #old == #new then -- one edit per changed line (:s, a block, an indent)
    for i, line in ipairs(new) do
      if line ~= old[i] then
        local p, del, inserted = trim(old[i], line)
        emit(doc, offsetOf(doc, first + i - 1) + p, del, inserted, origin)
        setLine(doc, first + i - 1, line)
      end
    end
    return
  end
  local head, tail, least = 0, 0, math.min(#old, #new)
  while head < least and old[head + 1] == new[head + 1] do head = head + 1 end
  while tail < least - head and old[#old - tail] == new[#new - tail] do tail = tail + 1 end
  local function joined(lines)
    local part = table.concat(lines, "\n", head + 1, #lines - tail)
    return #lines - tail > head and part .. "\n" or ""
  end
  local p, del, inserted = trim(joined(old), joined(new))
  emit(doc, offsetOf(doc, first + head) + p, del, inserted, origin)
  replaceLines(doc, first, last, new)
end

-- The whole buffer against the shadow: after a reload, and where the editor reported less than it did.
local function compareAll(doc, origin)
  change(doc, 0, doc.count, api.nvim_buf_get_lines(doc.buf, 0, -1, false), origin)
end

local function originNow() return pasting and "paste" or saving and "tool" or nil end

-- ---- documents

local function fileEnd(doc) -- whether the file ends in a line end; an empty file is one line without
  local bo = vim.bo[doc.buf]
  if doc.count == 1 and doc.chunks[1].lines[1] == "" and fn.getfsize(doc.path) <= 0 then return false end
  return bo.endofline
end

local function describe(doc, ev)
  local bo = vim.bo[doc.buf]
  return { ev = ev, doc = doc.number, path = text(doc.path), filetype = bo.filetype, fileformat = bo.fileformat,
    eol = fileEnd(doc), bomb = bo.bomb, fileencoding = bo.fileencoding, exists = uv.fs_stat(doc.path) ~= nil }
end

local function close(doc, sha)
  docs[doc.buf], byNumber[doc.number] = nil, nil
  local message = { ev = "close", doc = doc.number, sha256 = sha }
  if link.stalled then
    link.closed[#link.closed + 1] = message
  elseif doc.state == "asked" then -- its answer may still come
    gone[doc.number] = doc
    sendFor(doc, message)
  else
    send(message)
  end
end

local attach, sendText

local function listen(doc)
  doc.attached = api.nvim_buf_attach(doc.buf, false, {
    on_lines = function(_, buf, _, first, last, newLast)
      if docs[buf] ~= doc or doc.state == "quiet" then
        doc.attached = false
        return true
      end
      local ok, why = pcall(function()
        change(doc, first, last, api.nvim_buf_get_lines(buf, first, newLast, false), originNow())
        -- An emptied buffer still has one empty line, which no event tells.
        if doc.count ~= api.nvim_buf_line_count(buf) then compareAll(doc, originNow()) end
      end)
      if not ok then
        tell(tostring(why))
        vim.schedule(function() if docs[buf] == doc and doc.state == "record" then sendText(doc, "resync") end end)
      end
    end,
    on_reload = function(_, buf)
      if docs[buf] ~= doc or doc.state == "quiet" then return end
      compareAll(doc, "external")
      doc.doubtful = true -- lines may still change, untold, before the reload is over
      vim.schedule(function() catchUp(doc) end)
    end,
    on_detach = function(_, buf)
      doc.attached = false
      vim.schedule(function()
        if docs[buf] ~= doc then return end
        if not api.nvim_buf_is_loaded(buf) then return close(doc, doc.lastHash) end
        catchUp(doc)
      end)
    end,
  })
end

-- What a reload changed without telling.
function catchUp(doc)
  if docs[doc.buf] ~= doc or doc.state == "quiet" or not api.nvim_buf_is_loaded(doc.buf) then return end
  if doc.doubtful or not doc.attached then compareAll(doc, "external") end
  doc.doubtful = false
  if not doc.attached then listen(doc) end
end

local function ask(doc)
  doc.state = "quiet"
  flush() -- what a former child did not get is in the text
  snapshot(doc)
  doc.state, doc.held, doc.heldBytes, doc.edits = "asked", {}, 0, 0
  doc.opening = { ev = "text", doc = doc.number, text = shadowText(doc), mono = now() }
  send(describe(doc, "open"))
  if not doc.attached then listen(doc) end
end

local function isFile(buf)
  local name = api.nvim_buf_get_name(buf)
  local bo = vim.bo[buf]
  if name == "" or bo.buftype ~= "" or name:find("^%a[%w+.-]*://") then return false end
  if not bo.buflisted and fn.bufwinid(buf) == -1 then return false end
  return api.nvim_buf_is_loaded(buf) and fn.isdirectory(name) == 0 and
    api.nvim_buf_get_offset(buf, api.nvim_buf_line_count(buf)) <= LARGEST
end

function attach(buf)
  if docs[buf] or link.off or not isFile(buf) or not start() then return end
  lastNumber = lastNumber + 1
  local doc = { buf = buf, number = lastNumber, path = api.nvim_buf_get_name(buf), change = 0, lastChange = 0, keys = keys }
  docs[buf], byNumber[doc.number] = doc, doc
  if buf == api.nvim_get_current_buf() then
    doc.change, doc.lastChange = fn.changenr(), fn.undotree().seq_last
  end
  ask(doc)
end

function sendText(doc, ev)
  flush()
  snapshot(doc)
  doc.edits = 0
  send({ ev = ev, doc = doc.number, text = text(shadowText(doc)) })
end

-- ---- what the child says

local function watchCursor() end

local orders = {
  record = function(doc)
    if doc.state == "asked" then flush() end
    local opening, held = doc.opening, doc.held
    doc.opening, doc.held = nil, nil
    if doc.state == "asked" and opening then
      doc.state = "record"
      opening.text = text(opening.text)
      send(opening)
      for _, message in ipairs(held) do send(message) end
    elseif docs[doc.buf] == doc then
      doc.state = "record"
      sendText(doc, "text")
      if not doc.attached then listen(doc) end
    end
    watchCursor()
  end,
  resync = function(doc) if doc.state == "record" and docs[doc.buf] == doc then sendText(doc, "resync") end end,
  private = function(doc)
    doc.state, doc.opening, doc.held = "quiet", nil, nil
    if docs[doc.buf] ~= doc then send({ ev = "close", doc = doc.number }) end
  end,
}
orders.none = orders.private

local function obey(line)
  local ok, order = pcall(vim.json.decode, line)
  if not ok or type(order) ~= "table" then return end
  if order["do"] == "say" then return vim.notify("playhead: " .. tostring(order.text)) end
  if order["do"] == "stop" then link.off = true return end
  local doc = byNumber[order.doc] or gone[order.doc]
  local act = orders[order["do"]]
  if doc and act then act(doc) end
  if doc then gone[doc.number] = nil end
end

-- ---- starting, stalling, dying

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
  link.tries = now() - link.started > 10000 and 1 or link.tries + 1
  if link.tries > 5 then
    link.off = true
    return tell("the recorder ends again and again; this editor is not recorded")
  end
  vim.defer_fn(function()
    if link.leaving or not start() then return end
    tell("the recorder was started again")
    for buf, doc in pairs(docs) do
      if api.nvim_buf_is_loaded(buf) then ask(doc) end
    end
    focused = nil
  end, 100 * 2 ^ link.tries)
end

function start()
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
  link.process, link.stdin, link.stdout, link.started = process, stdin, stdout, now()
  stdout:read_start(function(_, data)
    if not data then return end
    rest = rest .. data
    local lines = {}
    for line in rest:gmatch("([^\n]*)\n") do lines[#lines + 1] = line end
    rest = rest:match("[^\n]*$")
    vim.schedule(function()
      if link.process ~= process then return end
      for _, line in ipairs(lines) do obey(line) end
    end)
  end)
  local version = vim.version()
  local number = ("%d.%d.%d"):format(version.major, version.minor, version.patch)
  send({ ev = "hello", protocol = 1, editor = "nvim", version = number,
    pid = fn.getpid(), cwd = text(fn.getcwd()), clock = "monotonic" })
  return true
end

-- A stalled child gets nothing until it has read everything; then whole texts, since edits are missing in between.
local function watchStall()
  if not link.stalled then return end
  if link.stdin:get_write_queue_size() == 0 then
    link.stalled, batch = nil, {}
    for _, message in ipairs(link.closed) do send(message) end
    for buf, doc in pairs(docs) do
      if doc.state == "record" and api.nvim_buf_is_loaded(buf) then
        send({ ev = "rename", doc = doc.number, path = text(doc.path) })
        sendText(doc, "resync")
      elseif doc.state == "asked" then ask(doc) end
    end
  elseif now() - link.stalled > 5000 then
    tell("the recorder does not answer; edits are recorded again when it does")
  end
end
uv.new_timer():start(500, 500, vim.schedule_wrap(watchStall))

-- ---- cursor, selections, visible lines

local function selections(doc)
  local at, mode = api.nvim_win_get_cursor(0), api.nvim_get_mode().mode:sub(1, 1)
  local line, column = at[1] - 1, at[2]
  local function lineAt(l)
    local i, k = locate(doc, l)
    return doc.chunks[i].lines[k + 1] or ""
  end
  local function place(l, c) return offsetOf(doc, l) + math.min(c, #lineAt(l)) end
  local function after(l, c) -- past the character there
    local value = lineAt(l)
    c = math.min(c, #value) + 1
    while isInner(value:byte(c + 1)) do c = c + 1 end
    return offsetOf(doc, l) + math.min(c, #value)
  end
  local head = place(line, column)
  if mode ~= "v" and mode ~= "V" and mode ~= "\22" then return { { head, head } } end
  local v = fn.getpos("v")
  local vline, vcolumn = v[2] - 1, v[3] - 1
  if mode == "V" then
    if vline <= line then return { { offsetOf(doc, vline), offsetOf(doc, line + 1) } } end
    return { { offsetOf(doc, vline + 1), offsetOf(doc, line) } }
  elseif mode == "v" then
    if place(vline, vcolumn) <= head then return { { place(vline, vcolumn), after(line, column) } } end
    return { { after(vline, vcolumn), head } }
  end
  local list, step = {}, line < vline and 1 or -1
  for l = line, vline, step do -- the cursor's line first
    list[#list + 1] = { place(l, math.min(column, vcolumn)), after(l, math.max(column, vcolumn)) }
    if #list == 100 then break end
  end
  return list
end

function watchCursor()
  local doc = docs[api.nvim_get_current_buf()]
  if not doc or doc.state == "quiet" then return end
  local first, last = fn.line("w0") - 1, fn.line("w$") - 1
  local ok, list = pcall(selections, doc)
  if not ok then return end
  local key = vim.inspect({ list, first, last })
  if key == doc.cursorKey then return end
  doc.cursorKey = key
  cursor.implied = #list == 1 and list[1][1] == list[1][2] and list[1][2] == doc.editEnd
  cursor.waiting = { ev = "cursor", doc = doc.number, sel = list, first = first, last = last, mono = now() }
  if cursor.timer then return end
  local wait = math.max(0, CURSOR_MS - (now() - (cursor.sent or 0)))
  if wait == 0 and not cursor.implied then
    flush()
    return sendCursor()
  end
  cursor.timer = vim.defer_fn(function()
    cursor.timer = nil
    flush()
    sendCursor()
  end, math.max(wait, 1) + (cursor.implied and CURSOR_MS or 0))
end

-- ---- what the editor tells

local group = api.nvim_create_augroup("playhead", { clear = true })
local function on(events, callback)
  api.nvim_create_autocmd(events, { group = group, callback = function(args)
    local ok, why = pcall(callback, args)
    if not ok then tell(tostring(why)) end -- an error here must never stand between a person and their text
  end })
end

local function settle()
  flush()
  if cursor.waiting then sendCursor() end
end

local function focus()
  local doc = docs[api.nvim_get_current_buf()]
  if not doc or focused == doc.number then return end
  settle()
  focused = doc.number
  send({ ev = "focus", doc = doc.number })
end

local function renamed(doc)
  local path = api.nvim_buf_get_name(doc.buf)
  if path == doc.path then return end
  settle()
  doc.path = path
  send({ ev = "rename", doc = doc.number, path = text(path) })
end

on({ "BufReadPost", "BufNewFile", "BufEnter", "BufWinEnter" }, function(args)
  attach(args.buf)
  focus()
end)
on({ "WinEnter" }, focus)
on({ "FocusLost" }, function()
  settle()
  focused = nil
  send({ ev = "focus", away = true })
end)
on({ "FocusGained" }, focus)
on({ "CursorMoved", "CursorMovedI", "ModeChanged", "WinScrolled" }, function() watchCursor() end)
on({ "TextYankPost" }, function()
  local event = vim.v.event
  yanked = table.concat(event.regcontents, "\n") .. (event.regtype == "V" and "\n" or "")
end)
on({ "BufWritePre" }, function() saving = true end)
on({ "BufWritePost" }, function(args)
  saving = false
  attach(args.buf)
  local doc = docs[args.buf]
  if not doc then return end
  renamed(doc)
  local bo = vim.bo[args.buf]
  if fn.fnamemodify(args.file, ":p") ~= doc.path then return end
  catchUp(doc)
  settle()
  sendFor(doc, { ev = "save", doc = doc.number, sha256 = hash(bufferText(args.buf)), fileformat = bo.fileformat,
    bomb = bo.bomb, eol = fn.getfsize(doc.path) > 0 and (bo.endofline or (bo.fixendofline and not bo.binary)) })
end)
on({ "BufFilePost" }, function(args)
  local doc = docs[args.buf]
  if doc then renamed(doc) else attach(args.buf) end
end)
on({ "BufUnload" }, function(args)
  local doc = docs[args.buf]
  if not doc then return end
  if doc.state ~= "quiet" then compareAll(doc, "external") end
  settle()
  if doc.state == "quiet" then
    vim.schedule(function()
      if docs[args.buf] == doc and not api.nvim_buf_is_loaded(args.buf) then close(doc) end
    end)
  else
    doc.lastHash = hash(bufferText(args.buf))
  end
end)
on({ "VimLeavePre" }, function()
  if not link.stdin then return end
  settle()
  local function isAsked()
    for _, doc in pairs(docs) do if doc.state == "asked" then return true end end
    return next(gone) ~= nil
  end
  vim.wait(500, function() return not link.stdin or not isAsked() end, 5)
  for buf, doc in pairs(vim.tbl_extend("force", {}, docs)) do
    catchUp(doc)
    flush()
    close(doc, doc.state == "record" and api.nvim_buf_is_loaded(buf) and hash(bufferText(buf)) or nil)
  end
  send({ ev = "bye" })
  link.leaving = true
  vim.wait(1000, function() return not link.stdin or link.stdin:get_write_queue_size() == 0 end, 2)
end)

vim.on_key(function() keys, saving = keys + 1, false end, api.nvim_create_namespace("playhead"))
vim.paste = (function(paste)
  return function(...)
    pasting = true
    local results = { pcall(paste, ...) }
    pasting = false
    if not results[1] then error(results[2], 0) end
    return unpack(results, 2)
  end
end)(vim.paste)

local function begin()
  for _, buf in ipairs(api.nvim_list_bufs()) do attach(buf) end
  focus()
end
if vim.v.vim_did_enter == 1 then begin() else on({ "VimEnter" }, begin) end
