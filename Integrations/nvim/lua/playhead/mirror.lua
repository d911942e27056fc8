-- Follows the text of a buffer: every change becomes edits against the shadow copy.
local documents = require("playhead.documents")
local link = require("playhead.link")
local queue = require("playhead.queue")
local shadow = require("playhead.shadow")
local text = require("playhead.text")
local api = vim.api
local mirror = {}

local function change(doc, first, last, new, origin)
  local old = shadow.lines(doc, first, last)
  last = first + #old
  if #old == #new then -- one edit per changed line (:s, a block, an indent)
    for i, line in ipairs(new) do
      if line ~= old[i] then
        local p, del, inserted = text.trim(old[i], line)
        queue.edit(doc, shadow.offset(doc, first + i - 1) + p, del, inserted, origin)
        shadow.set(doc, first + i - 1, line)
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
  local p, del, inserted = text.trim(joined(old), joined(new))
  queue.edit(doc, shadow.offset(doc, first + head) + p, del, inserted, origin)
  shadow.replace(doc, first, last, new)
end

-- The whole buffer against the shadow: after a reload, and where the editor reported less than it did.
function mirror.compare(doc, origin)
  change(doc, 0, doc.count, api.nvim_buf_get_lines(doc.buf, 0, -1, false), origin)
end

-- Tells the whole text as it is now.
function mirror.send(doc, ev)
  queue.flush()
  shadow.take(doc)
  doc.edits = 0
  link.send({ ev = ev, doc = doc.number, text = text.value(shadow.text(doc)) })
end

local function originNow() return queue.pasting and "paste" or queue.saving and "tool" or nil end

local function listen(doc)
  doc.attached = api.nvim_buf_attach(doc.buf, false, {
    on_lines = function(_, buf, _, first, last, newLast)
      if documents.byBuffer[buf] ~= doc or doc.state == "quiet" then
        doc.attached = false
        return true
      end
      local ok, why = pcall(function()
        change(doc, first, last, api.nvim_buf_get_lines(buf, first, newLast, false), originNow())
        -- An emptied buffer still has one empty line, which no event tells.
        if doc.count ~= api.nvim_buf_line_count(buf) then mirror.compare(doc, originNow()) end
      end)
      if not ok then
        link.tell(tostring(why))
        vim.schedule(function() if documents.has(doc) and doc.state == "record" then mirror.send(doc, "resync") end end)
      end
    end,
    on_reload = function(_, buf)
      if documents.byBuffer[buf] ~= doc or doc.state == "quiet" then return end
      mirror.compare(doc, "external")
      doc.doubtful = true -- lines may still change, untold, before the reload is over
      vim.schedule(function() mirror.catchUp(doc) end)
    end,
    on_detach = function(_, buf)
      doc.attached = false
      vim.schedule(function()
        if documents.byBuffer[buf] ~= doc then return end
        if not api.nvim_buf_is_loaded(buf) then return documents.close(doc, doc.lastHash) end
        mirror.catchUp(doc)
      end)
    end,
  })
end

function mirror.listen(doc) if not doc.attached then listen(doc) end end

-- What a reload changed without telling.
function mirror.catchUp(doc)
  if not documents.has(doc) or doc.state == "quiet" or not api.nvim_buf_is_loaded(doc.buf) then return end
  if doc.doubtful or not doc.attached then mirror.compare(doc, "external") end
  doc.doubtful = false
  mirror.listen(doc)
end

function queue.due(doc)
  doc.edits, doc.checking = 0, false
  if not documents.has(doc) or not api.nvim_buf_is_loaded(doc.buf) then return end
  mirror.catchUp(doc)
  queue.flush()
  documents.send(doc, { ev = "check", doc = doc.number, sha256 = text.hash(text.ofBuffer(doc.buf)) })
end

return mirror
