-- What the leader does, line by line as `playhead follow --editor` tells it, brought into pages and the view.
local marks = require("playhead.marks")
local pages = require("playhead.pages")
local text = require("playhead.text")
local tether = require("playhead.tether")
local view = require("playhead.view")
local uv, api = vim.uv or vim.loop, vim.api

-- at: the id of where the leader is; tied: the tether; status: the last one told; whom: in words; ask: gets the id of a
-- document whose text is to be told again
local leader = { at = nil, tied = { state = "disconnected" }, status = nil, whom = "", ask = function() end }

local function now() return uv.hrtime() / 1e6 end

local words = { retracted = "following", extended = "following, loosely", disconnected = "not following" }
local function state()
  local status = leader.status
  if not status then return "connecting" end
  if status.over then return "ended" end
  if status.live then return "LIVE" end
  return status.text ~= "" and "behind: " .. status.text or "behind"
end

-- For the window bar or the status line of a page, and for one's own.
function leader.words() return state() .. " | " .. words[leader.tied.state] end
function leader.line()
  local page = pages.byBuffer[api.nvim_get_current_buf()]
  local closed = page and page.isClosed and " (closed)" or ""
  return ((page and page.name or leader.whom) .. closed .. "  " .. leader.words()):gsub("%%", "%%%%")
end

function leader.show()
  vim.g.playhead_follow = leader.words()
  vim.cmd("redrawstatus!")
end

local function step(event, isVisible)
  local before = leader.tied.state
  local action
  leader.tied, action = tether.step(leader.tied, event, now(), isVisible)
  local page = pages.byId[leader.at]
  if action == "go" and page then view.go(page) end
  if leader.tied.state ~= before then
    leader.show()
    if leader.tied.state == "disconnected" and event ~= "cut" then
      vim.notify("playhead: you moved; :PlayheadFollow follows " .. leader.whom .. " again")
    end
  end
end

function leader.tie()
  step("tie")
  view.settle()
end

function leader.cut() step("cut") end

-- Whether the follower moved since the last look.
function leader.look()
  local moved = view.moved()
  if moved == "left" then
    view.expected = nil
    if leader.tied.state ~= "disconnected" then step("cut") end
  elseif moved == "own" then
    step("own")
  end
end

-- The file type by its name; else the leader's word for it.
local function typed(page, path, language)
  if page.path == path and page.language == language then return end
  page.path, page.language = path, language
  pcall(api.nvim_buf_call, page.buf, function()
    if path ~= "" then vim.cmd("silent! doautocmd <nomodeline> filetypedetect BufRead " .. vim.fn.fnameescape(path)) end
    if vim.bo.filetype == "" and language:find("^[%w_.-]+$") then vim.bo.filetype = language end
  end)
end

local does = {}

function does.document(said)
  local page = pages.byId[said.id] or pages.add(said.id, said.name)
  pages.rename(page, said.name)
  page.isPrivate, page.isClosed = said.private, false
  vim.bo[page.buf].bufhidden = "hide"
  pages.setText(page, text.bytes(said.text))
  typed(page, text.bytes(said.path), said.language or "")
  if said.private then marks.note(page, "private: only that it is open is told") end
end

function does.edit(said)
  local page = pages.byId[said.id]
  if page and not pages.edit(page, said.offset, said.removed, text.bytes(said.text)) then leader.ask(said.id) end
end

function does.cursor(said)
  local page = pages.byId[said.id]
  if not page or page.isPrivate then return end
  page.firstLine = said.first_line
  marks.draw(page, said.selections)
end

function does.close(said)
  local page = pages.byId[said.id]
  if not page then return end
  page.isClosed = true
  if #vim.fn.win_findbuf(page.buf) == 0 then return pages.remove(page) end
  vim.bo[page.buf].bufhidden = "wipe" -- it goes when nobody looks at it any more
end

function does.terminal(said)
  local page = pages.byId[said.id] or pages.add(said.id, said.name or "terminal")
  local lines = {}
  for i, line in ipairs(said.lines) do lines[i] = line:gsub("[\n%z]", " ") end
  while #lines > said.row + 1 and lines[#lines]:find("^%s*$") do lines[#lines] = nil end
  page.isEnded = true
  pages.setLines(page, lines)
  marks.drawCell(page, said.row, said.column)
end

function does.focus(said) leader.at = said.id end

function does.status(said) leader.status = said end

-- Takes lines; the view moves once for all of them.
function leader.take(lines)
  leader.look()
  local isMoved = false
  for _, line in ipairs(lines) do
    local ok, said = pcall(vim.json.decode, line)
    local act = ok and type(said) == "table" and does[said["do"]]
    if act then
      local done, why = pcall(act, said)
      if not done then vim.notify("playhead: " .. tostring(why), vim.log.levels.WARN) end
      -- An edit is followed by the cursor behind it.
      isMoved = isMoved or (said.id == leader.at and said["do"] ~= "edit" and said["do"] ~= "close")
    end
  end
  local page = pages.byId[leader.at]
  if isMoved and page then step("leader", view.shows(page)) end
  if view.expected or view.page() then view.settle() end
  leader.show()
end

return leader
