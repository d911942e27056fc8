-- Pages: buffers that show what a leader has, byte for byte, and that only the leader changes.
local shadow = require("playhead.shadow")
local api = vim.api

-- byId, byBuffer. A page: id, buf, name, and of its text chunks and count (shadow.lua), length in bytes, and
-- isEnded: whether its last line has a line end.
local pages = { byId = {}, byBuffer = {} }

local function named(name)
  for _, buf in ipairs(api.nvim_list_bufs()) do
    if api.nvim_buf_get_name(buf) == name then return buf end
  end
end

-- Gives the buffer its page's name, or that with a number where another buffer has it.
local function call(page)
  local wanted, number = "playhead://" .. page.name:gsub("%c", "?"), 1
  local full, old = wanted, api.nvim_buf_get_name(page.buf)
  while named(full) do
    number = number + 1
    full = wanted .. " #" .. number
  end
  api.nvim_buf_set_name(page.buf, full)
  local left = old ~= "" and named(old) -- Neovim keeps the old name as a buffer of its own
  if left and left ~= page.buf then pcall(api.nvim_buf_delete, left, { force = true }) end
end

function pages.add(id, name)
  local buf = api.nvim_create_buf(false, true)
  local page = { id = id, buf = buf, name = name, length = 0, isEnded = false }
  local bo = vim.bo[buf]
  bo.undolevels, bo.swapfile, bo.bufhidden, bo.fileformat = -1, false, "hide", "unix"
  pages.byId[id], pages.byBuffer[buf] = page, page
  shadow.take(page)
  call(page)
  bo.modifiable = false
  return page
end

function pages.rename(page, name)
  if page.name == name then return end
  page.name = name
  call(page)
end

function pages.remove(page)
  pages.byId[page.id], pages.byBuffer[page.buf] = nil, nil
  pcall(api.nvim_buf_delete, page.buf, { force = true })
end

local function change(page, body)
  vim.bo[page.buf].modifiable = true
  local ok, why = pcall(body)
  if api.nvim_buf_is_valid(page.buf) then vim.bo[page.buf].modifiable = false end
  return ok, why
end

local function split(bytes) return vim.split(bytes, "\n", { plain = true }) end

function pages.setLines(page, lines)
  change(page, function() api.nvim_buf_set_lines(page.buf, 0, -1, false, lines) end)
  shadow.take(page)
end

function pages.setText(page, bytes)
  local lines = split(bytes)
  page.isEnded = #lines > 1 and lines[#lines] == ""
  if page.isEnded then lines[#lines] = nil end
  page.length = #bytes
  pages.setLines(page, lines)
end

-- Removes bytes at the offset and puts others there. False: it does not fit, or the buffer is not what it was.
function pages.edit(page, offset, removed, inserted)
  if offset + removed > page.length or page.count ~= api.nvim_buf_line_count(page.buf) then return false end
  local first, from = shadow.find(page, offset)
  local last, to = shadow.find(page, offset + removed)
  local head = (shadow.lines(page, first, first + 1)[1] or ""):sub(1, from)
  local rest = (shadow.lines(page, last, last + 1)[1] or ""):sub(to + 1)
  local lines = split(inserted)
  lines[1] = head .. lines[1]
  lines[#lines] = lines[#lines] .. rest
  local isAtEnd = last == page.count or (not page.isEnded and last == page.count - 1)
  if isAtEnd then
    page.isEnded = lines[#lines] == "" and (first > 0 or #lines > 1)
    if page.isEnded then lines[#lines] = nil end
  end
  page.length = page.length - removed + #inserted
  local behind = math.min(last + 1, page.count)
  -- Whole lines: nvim_buf_set_text of Neovim 0.7 reads freed memory where a line was changed just before.
  local ok = change(page, function() api.nvim_buf_set_lines(page.buf, first, behind, true, lines) end)
  if not ok then return false end
  shadow.replace(page, first, behind, lines)
  return page.count == api.nvim_buf_line_count(page.buf)
end

-- The row and the column, from 0, of an offset, inside the buffer.
function pages.place(page, offset)
  local row, column = shadow.find(page, math.max(0, math.min(offset, page.length)))
  if row < page.count then return row, column end
  return page.count - 1, #(shadow.lines(page, page.count - 1, page.count)[1] or "")
end

function pages.bytes(page) return page.isEnded and shadow.text(page) or shadow.text(page):sub(1, -2) end

return pages
