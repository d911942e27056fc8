-- :PlayheadFollow and :PlayheadUnfollow: watching a leader in this editor (docs/EDITOR-FOLLOW.md).
if vim.g.loaded_playhead_follow then return end
vim.g.loaded_playhead_follow = 1

vim.api.nvim_create_user_command("PlayheadFollow", function(given)
  local ok, why = pcall(require("playhead.follow").follow, given.fargs, given.mods or "")
  if not ok then vim.notify(tostring(why), vim.log.levels.ERROR) end
end, { nargs = "*", desc = "Follow @NAME or a session here; without a word, follow again" })

vim.api.nvim_create_user_command("PlayheadUnfollow", function(given)
  require("playhead.follow").unfollow(given.bang)
end, { nargs = 0, bang = true, desc = "Stop following; with !, close what was followed" })
