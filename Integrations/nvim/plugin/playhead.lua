-- Playhead for Neovim 0.7 and newer: tells `playhead editor`, a child, what happens in the buffers of files.
-- What is recorded, and where to, is decided there; text leaves only when asked for (docs/EDITOR-PROTOCOL.md).
if vim.g.loaded_playhead or vim.g.playhead_disabled then return end
vim.g.loaded_playhead = 1

local cursor = require("playhead.cursor")
local documents = require("playhead.documents")
local link = require("playhead.link")
local mirror = require("playhead.mirror")
local opening = require("playhead.opening")
local queue = require("playhead.queue")
local text = require("playhead.text")
local api, fn = vim.api, vim.fn

local group = api.nvim_create_augroup("playhead", { clear = true })
local function on(events, callback)
  api.nvim_create_autocmd(events, { group = group, callback = function(args)
    local ok, why = pcall(callback, args)
    if not ok then link.tell(tostring(why)) end -- an error here must never stand between a person and their text
  end })
end

local function focus()
  local doc = documents.current()
  if not doc or documents.focused == doc.number then return end
  queue.settle()
  documents.focused = doc.number
  link.send({ ev = "focus", doc = doc.number })
  vim.schedule(cursor.watch) -- nothing else tells it where the cursor is as in the buffer before
end

local function renamed(doc)
  local path = api.nvim_buf_get_name(doc.buf)
  if path == doc.path then return end
  queue.settle()
  doc.path = path
  link.send({ ev = "rename", doc = doc.number, path = text.value(path) })
end

on({ "BufReadPost", "BufNewFile", "BufEnter", "BufWinEnter" }, function(args)
  opening.attach(args.buf)
  focus()
end)
on({ "WinEnter" }, focus)
on({ "FocusLost" }, function()
  queue.settle()
  documents.focused = nil
  link.send({ ev = "focus", away = true })
end)
on({ "FocusGained" }, focus)
-- Text that changes before a cursor moves it, though line and column stay.
on({ "CursorMoved", "CursorMovedI", "TextChanged", "TextChangedI", "TextChangedP", "ModeChanged", "WinScrolled" }, function()
  cursor.watch()
end)
on({ "TextYankPost" }, function()
  local event = vim.v.event
  queue.yanked = table.concat(event.regcontents, "\n") .. (event.regtype == "V" and "\n" or "")
end)
on({ "BufWritePre" }, function() queue.saving = true end)
on({ "BufWritePost" }, function(args)
  queue.saving = false
  opening.attach(args.buf)
  local doc = documents.byBuffer[args.buf]
  if not doc then return end
  renamed(doc)
  local bo = vim.bo[args.buf]
  if fn.fnamemodify(args.file, ":p") ~= doc.path then return end
  mirror.catchUp(doc)
  queue.settle()
  documents.send(doc, { ev = "save", doc = doc.number, sha256 = text.hash(text.ofBuffer(args.buf)), fileformat = bo.fileformat,
    bomb = bo.bomb, eol = fn.getfsize(doc.path) > 0 and (bo.endofline or (bo.fixendofline and not bo.binary)) })
end)
on({ "BufFilePost" }, function(args)
  local doc = documents.byBuffer[args.buf]
  if doc then renamed(doc) else opening.attach(args.buf) end
end)
on({ "BufUnload" }, function(args)
  local doc = documents.byBuffer[args.buf]
  if not doc then return end
  if doc.state ~= "quiet" then mirror.compare(doc, "external") end
  queue.settle()
  if doc.state == "quiet" then
    vim.schedule(function()
      if documents.has(doc) and not api.nvim_buf_is_loaded(args.buf) then documents.close(doc) end
    end)
  else
    doc.lastHash = text.hash(text.ofBuffer(args.buf))
  end
end)
on({ "VimLeavePre" }, function()
  if not link.stdin then return end
  queue.settle()
  local function isAsked()
    for _, doc in pairs(documents.byBuffer) do if doc.state == "asked" then return true end end
    return next(documents.closing) ~= nil
  end
  vim.wait(500, function() return not link.stdin or not isAsked() end, 5)
  for buf, doc in pairs(vim.tbl_extend("force", {}, documents.byBuffer)) do
    mirror.catchUp(doc)
    queue.flush()
    documents.close(doc, doc.state == "record" and api.nvim_buf_is_loaded(buf) and text.hash(text.ofBuffer(buf)) or nil)
  end
  link.send({ ev = "bye" })
  link.leaving = true
  vim.wait(1000, function() return not link.stdin or link.stdin:get_write_queue_size() == 0 end, 2)
end)

vim.on_key(function() queue.keys, queue.saving = queue.keys + 1, false end, api.nvim_create_namespace("playhead"))
vim.paste = (function(paste)
  return function(...)
    queue.pasting = true
    local results = { pcall(paste, ...) }
    queue.pasting = false
    if not results[1] then error(results[2], 0) end
    return unpack(results, 2)
  end
end)(vim.paste)

local function begin()
  for _, buf in ipairs(api.nvim_list_bufs()) do opening.attach(buf) end
  focus()
end
if vim.v.vim_did_enter == 1 then begin() else on({ "VimEnter" }, begin) end
