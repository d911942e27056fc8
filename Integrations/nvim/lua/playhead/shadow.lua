-- The shadow copy of a buffer: chunks of lines that know their bytes. on_lines is compared with it, because on_bytes
-- fires before the new text is there (:s, undo). A page that follows a leader has one too: it finds bytes in it.
local shadow = {}
local CHUNK = 128

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

function shadow.take(doc)
  local lines = vim.api.nvim_buf_get_lines(doc.buf, 0, -1, false)
  doc.chunks, doc.count = chunksOf(lines), #lines
end

function shadow.text(doc)
  local parts = {}
  for _, chunk in ipairs(doc.chunks) do
    parts[#parts + 1] = table.concat(chunk.lines, "\n")
  end
  return table.concat(parts, "\n") .. "\n"
end

-- The chunk that holds a line (from 0), its place there, the bytes before the chunk; past the end: after the last one.
function shadow.locate(doc, line)
  local before, bytes = 0, 0
  for i, chunk in ipairs(doc.chunks) do
    if line < before + #chunk.lines or i == #doc.chunks then return i, math.min(line - before, #chunk.lines), bytes end
    before, bytes = before + #chunk.lines, bytes + chunk.bytes
  end
end

function shadow.offset(doc, line)
  local i, place, bytes = shadow.locate(doc, line)
  for k = 1, place do bytes = bytes + #doc.chunks[i].lines[k] + 1 end
  return bytes
end

-- The line (from 0) and the byte in it of an offset; behind the last line end: the line after the last one.
function shadow.find(doc, offset)
  local line = 0
  for i, chunk in ipairs(doc.chunks) do
    if offset < chunk.bytes or i == #doc.chunks then
      for k, value in ipairs(chunk.lines) do
        if offset <= #value then return line + k - 1, offset end
        offset = offset - #value - 1
      end
      return line + #chunk.lines, 0
    end
    offset, line = offset - chunk.bytes, line + #chunk.lines
  end
end

function shadow.lines(doc, first, last)
  local lines = {}
  if last <= first then return lines end
  local i, place = shadow.locate(doc, first)
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

function shadow.replace(doc, first, last, new)
  local a, from = shadow.locate(doc, first)
  local z, to = shadow.locate(doc, last)
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

function shadow.set(doc, line, value)
  local i, place = shadow.locate(doc, line)
  local chunk = doc.chunks[i]
  chunk.bytes = chunk.bytes + #value - #chunk.lines[place + 1]
  chunk.lines[place + 1] = value
end

return shadow
