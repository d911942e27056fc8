-- The window that shows what the leader does: moving it, and seeing whether the follower moved it.
local pages = require("playhead.pages")
local api, fn = vim.api, vim.fn

-- window; expected: where it stands if nobody moved it; touched: whether a key was pressed since that was seen
local view = { window = nil, expected = nil, touched = false }

function view.isOpen() return view.window ~= nil and api.nvim_win_is_valid(view.window) end

-- The page in it; nil where there is none.
function view.page() return view.isOpen() and pages.byBuffer[api.nvim_win_get_buf(view.window)] or nil end

local function place()
  local at = api.nvim_win_get_cursor(view.window)
  local top = fn.line("w0", view.window)
  return { buf = api.nvim_win_get_buf(view.window), row = at[1], column = at[2], top = top }
end

-- Takes where it stands now as where it is meant to.
function view.settle()
  view.touched = false
  view.expected = view.page() and place() or nil
end

-- What the follower did with it since: "left" (it shows something of theirs, or is closed), "own" (they moved), nil.
function view.moved()
  if not view.expected then return nil end
  if not view.page() then return "left" end
  local now, expected = place(), view.expected
  local isSame = now.buf == expected.buf and now.row == expected.row and now.column == expected.column and
    now.top == expected.top
  if isSame then return nil end
  -- Without a key it was Neovim itself: text above, another size of the window.
  local isOwn = view.touched
  view.settle()
  return isOwn and "own" or nil
end

-- Whether the leader's place in a page is on the screen.
function view.shows(page)
  if view.page() ~= page then return false end
  local row = (page.row or 0) + 1
  return row >= fn.line("w0", view.window) and row <= fn.line("w$", view.window)
end

-- Shows the leader's place in a page; with the leader's own first line where their cursor is then on the screen.
function view.go(page)
  if not view.isOpen() then return end
  if view.page() ~= page and not pcall(api.nvim_win_set_buf, view.window, page.buf) then return end
  local row, height = (page.row or 0) + 1, api.nvim_win_get_height(view.window)
  local top = page.firstLine and page.firstLine + 1
  api.nvim_win_call(view.window, function()
    local wanted = { lnum = row, col = page.column or 0, curswant = page.column or 0 }
    if top and top <= row and row < top + height and top <= page.count then wanted.topline = top end
    fn.winrestview(wanted)
  end)
end

return view
