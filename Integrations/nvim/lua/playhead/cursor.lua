-- Cursor, selections, visible lines: at most ten times a second while nothing else happens.
local documents = require("playhead.documents")
local link = require("playhead.link")
local queue = require("playhead.queue")
local shadow = require("playhead.shadow")
local text = require("playhead.text")
local api, fn = vim.api, vim.fn
local cursor = {}
local EVERY_MS = 100

local function selections(doc)
  local at, mode = api.nvim_win_get_cursor(0), api.nvim_get_mode().mode:sub(1, 1)
  local line, column = at[1] - 1, at[2]
  local function lineAt(l)
    local i, k = shadow.locate(doc, l)
    return doc.chunks[i].lines[k + 1] or ""
  end
  local function place(l, c) return shadow.offset(doc, l) + math.min(c, #lineAt(l)) end
  local function after(l, c) -- past the character there
    local value = lineAt(l)
    c = math.min(c, #value) + 1
    while text.isInner(value:byte(c + 1)) do c = c + 1 end
    return shadow.offset(doc, l) + math.min(c, #value)
  end
  local head = place(line, column)
  if mode ~= "v" and mode ~= "V" and mode ~= "\22" then return { { head, head } } end
  local v = fn.getpos("v")
  local vline, vcolumn = v[2] - 1, v[3] - 1
  if mode == "V" then
    if vline <= line then return { { shadow.offset(doc, vline), shadow.offset(doc, line + 1) } } end
    return { { shadow.offset(doc, vline + 1), shadow.offset(doc, line) } }
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

function cursor.watch()
  local doc = documents.current()
  if not doc or doc.state == "quiet" then return end
  local first, last = fn.line("w0") - 1, fn.line("w$") - 1
  local ok, list = pcall(selections, doc)
  if not ok then return end
  local key = vim.inspect({ list, first, last })
  -- Another document's that still waits would say that the person is there.
  local isOvertaken = queue.cursor and queue.cursor.doc ~= doc.number
  if key == doc.cursorKey and not isOvertaken then return end
  doc.cursorKey = key
  queue.implied = #list == 1 and list[1][1] == list[1][2] and list[1][2] == doc.editEnd
  queue.cursor = { ev = "cursor", doc = doc.number, sel = list, first = first, last = last, mono = link.now() }
  if cursor.timer then return end
  local wait = math.max(0, EVERY_MS - (link.now() - (queue.sent or 0)))
  if wait == 0 and not queue.implied then return queue.settle() end
  cursor.timer = vim.defer_fn(function()
    cursor.timer = nil
    queue.settle()
  end, math.max(wait, 1) + (queue.implied and EVERY_MS or 0))
end

return cursor
