-- What waits to be told, in order: the edits of this turn of the editor, and the cursor behind them.
local documents = require("playhead.documents")
local link = require("playhead.link")
local text = require("playhead.text")
local fn = vim.fn
local CHECK_EVERY = vim.g.playhead_check_every or 1000

-- cursor: a message; implied: it is where the last edit ended; sent: when one was sent last
-- keys: how many were pressed; pasting, saving, yanked: what the edits of now come from
local queue = { cursor = nil, implied = false, sent = nil, keys = 0, pasting = false, saving = false, yanked = nil }
-- Set by the mirror: a document is due for a check.
function queue.due() end

local batch, isScheduled = {}, false

function queue.drop() batch = {} end

function queue.sendCursor()
  local message = queue.cursor
  if not message then return end
  queue.cursor, queue.sent = nil, link.now()
  local doc = documents.byNumber[message.doc]
  if doc then documents.send(doc, message) end
end

-- Where the edits of a buffer come from, once for those of one turn.
local function origin(doc)
  local at, before = fn.changenr(), doc.change
  doc.change = at
  if at <= doc.lastChange and at ~= before then return at < before and "undo" or "redo" end
  doc.lastChange = math.max(doc.lastChange, at)
  return queue.keys == doc.keys and "tool" or "typed"
end

function queue.flush()
  isScheduled = false
  if #batch == 0 then return end
  local edits = batch
  batch = {}
  local current = documents.current()
  for _, edit in ipairs(edits) do
    local doc = edit.owner
    local from = edit.origin
    if not from and doc == current then
      doc.batchOrigin = doc.batchOrigin or origin(doc)
      from = doc.batchOrigin
      if from == "typed" and #edit.text > 1 and edit.text == queue.yanked then from = "paste" end
    end
    doc.edits = doc.edits + 1
    documents.send(doc, { ev = "edit", doc = doc.number, off = edit.off, del = edit.del, text = text.value(edit.text),
      origin = from or "tool", mono = edit.mono })
  end
  for _, edit in ipairs(edits) do
    local doc = edit.owner
    doc.batchOrigin, doc.keys = nil, queue.keys
    if doc.edits >= CHECK_EVERY and not doc.checking then
      doc.checking = true
      vim.schedule(function() queue.due(doc) end) -- not here: the next change may be half told
    end
  end
end

function queue.settle()
  queue.flush()
  queue.sendCursor()
end

function queue.edit(doc, off, del, inserted, from)
  if queue.cursor and not queue.implied then queue.settle() end
  queue.cursor = nil
  -- The cursor of those who watch went with the edit: what was told of it before says nothing now.
  doc.editEnd, doc.cursorKey = off + #inserted, nil
  batch[#batch + 1] = { owner = doc, off = off, del = del, text = inserted, origin = from, mono = link.now() }
  if #batch > 200 then return queue.flush() end
  if not isScheduled then
    isScheduled = true
    vim.schedule(queue.flush)
  end
end

return queue
