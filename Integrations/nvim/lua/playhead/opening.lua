-- From a file's buffer to a document that is recorded, or not: asks the child, and does what it orders.
local cursor = require("playhead.cursor")
local documents = require("playhead.documents")
local link = require("playhead.link")
local mirror = require("playhead.mirror")
local queue = require("playhead.queue")
local shadow = require("playhead.shadow")
local text = require("playhead.text")
local uv, api, fn = vim.uv or vim.loop, vim.api, vim.fn
local opening = {}
local LARGEST = 16 * 2 ^ 20

local function fileEnd(doc) -- whether the file ends in a line end; an empty file is one line without
  local bo = vim.bo[doc.buf]
  if doc.count == 1 and doc.chunks[1].lines[1] == "" and fn.getfsize(doc.path) <= 0 then return false end
  return bo.endofline
end


local function describe(doc)
  local bo = vim.bo[doc.buf]
  return { ev = "open", doc = doc.number, path = text.value(doc.path), filetype = bo.filetype, fileformat = bo.fileformat,
    eol = fileEnd(doc), bomb = bo.bomb, fileencoding = bo.fileencoding, exists = uv.fs_stat(doc.path) ~= nil }
end

local function ask(doc)
  doc.state = "quiet"
  queue.flush() -- what a former child did not get is in the text
  shadow.take(doc)
  doc.state, doc.held, doc.heldBytes, doc.edits = "asked", {}, 0, 0
  doc.opening = { ev = "text", doc = doc.number, text = shadow.text(doc), mono = link.now() }
  link.send(describe(doc))
  mirror.listen(doc)
end

local function isFile(buf)
  local name = api.nvim_buf_get_name(buf)
  local bo = vim.bo[buf]
  if name == "" or bo.buftype ~= "" or name:find("^%a[%w+.-]*://") then return false end
  if not bo.buflisted and fn.bufwinid(buf) == -1 then return false end
  return api.nvim_buf_is_loaded(buf) and fn.isdirectory(name) == 0 and
    api.nvim_buf_get_offset(buf, api.nvim_buf_line_count(buf)) <= LARGEST
end

function opening.attach(buf)
  if documents.byBuffer[buf] or link.off or not isFile(buf) or not link.start() then return end
  local doc = documents.add({ buf = buf, path = api.nvim_buf_get_name(buf), change = 0, lastChange = 0, keys = queue.keys })
  if buf == api.nvim_get_current_buf() then
    doc.change, doc.lastChange = fn.changenr(), fn.undotree().seq_last
  end
  ask(doc)
end

-- ---- what the child says

local orders = {
  record = function(doc)
    if doc.state == "asked" then queue.flush() end
    local first, held = doc.opening, doc.held
    doc.opening, doc.held = nil, nil
    if doc.state == "asked" and first then
      doc.state = "record"
      first.text = text.value(first.text)
      link.send(first)
      for _, message in ipairs(held) do link.send(message) end
    elseif documents.has(doc) then
      doc.state = "record"
      mirror.send(doc, "text")
      mirror.listen(doc)
    end
    -- Told late, it would seem to be where the person is, who may have gone back to another one.
    local now = documents.current()
    if now and now ~= doc and now.state == "record" and documents.focused == now.number then
      link.send({ ev = "focus", doc = now.number })
    end
    cursor.watch()
  end,
  resync = function(doc) if doc.state == "record" and documents.has(doc) then mirror.send(doc, "resync") end end,
  private = function(doc)
    doc.state, doc.opening, doc.held = "quiet", nil, nil
    if not documents.has(doc) then link.send({ ev = "close", doc = doc.number }) end
  end,
}
orders.none = orders.private

function link.said(line)
  local ok, order = pcall(vim.json.decode, line)
  if not ok or type(order) ~= "table" then return end
  if order["do"] == "say" then return vim.notify("playhead: " .. tostring(order.text)) end
  if order["do"] == "stop" then link.off = true return end
  local doc = documents.byNumber[order.doc] or documents.closing[order.doc]
  local act = orders[order["do"]]
  if doc and act then act(doc) end
  if doc then documents.closing[doc.number] = nil end
end

-- ---- a new child, and one that reads again

function link.restarted()
  for buf, doc in pairs(documents.byBuffer) do
    if api.nvim_buf_is_loaded(buf) then ask(doc) end
  end
  documents.focused = nil
end

-- Whole texts, since edits are missing in between.
function link.drained()
  queue.drop()
  for _, message in ipairs(link.closed) do link.send(message) end
  for buf, doc in pairs(documents.byBuffer) do
    if doc.state == "record" and api.nvim_buf_is_loaded(buf) then
      link.send({ ev = "rename", doc = doc.number, path = text.value(doc.path) })
      mirror.send(doc, "resync")
    elseif doc.state == "asked" then ask(doc) end
  end
end

return opening
