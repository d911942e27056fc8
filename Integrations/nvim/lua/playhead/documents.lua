-- The documents: buffers of files, by buffer and by the number that the child knows them by.
local link = require("playhead.link")
local MOST_HELD = 4 * 2 ^ 20

-- closing: those that were closed before the child had answered; focused: the number of the one with the focus
local documents = { byBuffer = {}, byNumber = {}, closing = {}, focused = nil }
local lastNumber = 0

function documents.add(doc)
  lastNumber = lastNumber + 1
  doc.number = lastNumber
  documents.byBuffer[doc.buf], documents.byNumber[doc.number] = doc, doc
  return doc
end

function documents.current() return documents.byBuffer[vim.api.nvim_get_current_buf()] end
function documents.has(doc) return documents.byBuffer[doc.buf] == doc end

-- An edit or a check waits with the document until the child has said whether it is recorded.
function documents.send(doc, message)
  if doc.state == "record" then return link.send(message) end
  if doc.state ~= "asked" then return end
  message.mono = message.mono or link.now()
  doc.heldBytes = doc.heldBytes + (type(message.text) == "string" and #message.text or 64) + 64
  if doc.heldBytes > MOST_HELD then doc.held, doc.opening = nil, nil end
  if doc.held then doc.held[#doc.held + 1] = message end
end

function documents.close(doc, sha)
  documents.byBuffer[doc.buf], documents.byNumber[doc.number] = nil, nil
  local message = { ev = "close", doc = doc.number, sha256 = sha }
  if link.stalled then
    link.closed[#link.closed + 1] = message
  elseif doc.state == "asked" then -- its answer may still come
    documents.closing[doc.number] = doc
    documents.send(doc, message)
  else
    link.send(message)
  end
end

return documents
