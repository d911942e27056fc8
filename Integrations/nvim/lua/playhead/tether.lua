-- The tether between a follower's view and the leader, as plain values (docs/EDITOR-FOLLOW.md). Times are milliseconds.
-- A value: state ("retracted", "extended" or "disconnected"), moved: when the follower moved last.
local tether = { WINDOW_MS = 1000 }

-- What happened → the next value, and "go" if the view goes to the leader. Events: "tie", "cut", "own" (the follower
-- moved) and "leader" (the leader moved; isVisible: to where the follower sees it).
function tether.step(now, event, time, isVisible)
  if event == "tie" then return { state = "retracted" }, "go" end
  if event == "cut" then return { state = "disconnected" } end
  if now.state == "disconnected" then return now end
  if event == "own" then return { state = "extended", moved = time } end
  if now.state == "retracted" then return now, "go" end
  if isVisible then return now end
  if time - now.moved < tether.WINDOW_MS then return { state = "disconnected" } end
  return { state = "retracted" }, "go"
end

return tether
