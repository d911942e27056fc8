-- The leader's cursor and selections in a page.
local pages = require("playhead.pages")
local shadow = require("playhead.shadow")
local text = require("playhead.text")
local api, fn = vim.api, vim.fn
local marks = { space = api.nvim_create_namespace("playhead-leader"), CURSOR = 1, NOTE = 2 }

-- Again after a colour scheme.
function marks.colours()
  api.nvim_set_hl(0, "PlayheadLeader", { default = true, link = "IncSearch" })
  api.nvim_set_hl(0, "PlayheadLeaderSelection", { default = true, link = "Visual" })
  api.nvim_set_hl(0, "PlayheadNote", { default = true, link = "Comment" })
end

local function drawCursor(page, row, column, id)
  local line = shadow.lines(page, row, row + 1)[1] or ""
  if column >= #line then -- behind the line there is no character to colour
    api.nvim_buf_set_extmark(page.buf, marks.space, row, column,
      { id = id, virt_text = { { " ", "PlayheadLeader" } }, virt_text_pos = "overlay" })
    return
  end
  local last = column + 1
  while text.isInner(line:byte(last + 1)) do last = last + 1 end
  api.nvim_buf_set_extmark(page.buf, marks.space, row, column,
    { id = id, end_row = row, end_col = last, hl_group = "PlayheadLeader", priority = 200 })
end

-- Selections are pairs of offsets, the first is the main one. Its row and column are the page's. Every mark has an id of
-- its own: Neovim begins at 1 by itself.
function marks.draw(page, selections)
  api.nvim_buf_clear_namespace(page.buf, marks.space, 0, -1)
  for i, selection in ipairs(selections) do
    local row, column = pages.place(page, selection[2])
    if i == 1 then page.row, page.column = row, column end
    if selection[1] ~= selection[2] then
      local low, high = math.min(selection[1], selection[2]), math.max(selection[1], selection[2])
      local top, left = pages.place(page, low)
      local bottom, right = pages.place(page, high)
      api.nvim_buf_set_extmark(page.buf, marks.space, top, left,
        { id = 2 * i + 2, end_row = bottom, end_col = right, hl_group = "PlayheadLeaderSelection", hl_eol = true, priority = 150 })
    end
    drawCursor(page, row, column, i == 1 and marks.CURSOR or 2 * i + 1)
  end
end

-- The cursor of a screen: its column counts cells.
function marks.drawCell(page, row, cell)
  api.nvim_buf_clear_namespace(page.buf, marks.space, 0, -1)
  row = math.max(0, math.min(row, page.count - 1))
  local line, column, width = shadow.lines(page, row, row + 1)[1] or "", 0, 0
  while column < #line and width < cell do
    local last = column + 1
    while text.isInner(line:byte(last + 1)) do last = last + 1 end
    width = width + fn.strwidth(line:sub(column + 1, last))
    column = last
  end
  page.row, page.column = row, column
  if column >= #line then
    api.nvim_buf_set_extmark(page.buf, marks.space, row, column,
      { id = marks.CURSOR, virt_text = { { " ", "PlayheadLeader" } }, virt_text_win_col = math.max(cell, width) })
  else
    drawCursor(page, row, column, marks.CURSOR)
  end
end

-- Words in a page without text.
function marks.note(page, words)
  api.nvim_buf_clear_namespace(page.buf, marks.space, 0, -1)
  api.nvim_buf_set_extmark(page.buf, marks.space, 0, 0,
    { id = marks.NOTE, virt_text = { { words, "PlayheadNote" } }, virt_text_pos = "overlay" })
end

return marks
