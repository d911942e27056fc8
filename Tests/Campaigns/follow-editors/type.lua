-- Types PLAYHEAD_KEYS characters into PLAYHEAD_FILE, one every 25 ms, with the plug-in of PLAYHEAD_PLUGIN. When each key
-- was pressed, in ns of the monotonic clock, is in PLAYHEAD_GO.keys at the end.
vim.o.swapfile, vim.o.more = false, false
vim.cmd("source " .. os.getenv("PLAYHEAD_PLUGIN"))
vim.cmd("silent edit " .. os.getenv("PLAYHEAD_FILE"))
local go, left, times = os.getenv("PLAYHEAD_GO"), tonumber(os.getenv("PLAYHEAD_KEYS")), {}
local timer = vim.loop.new_timer()
timer:start(2000, 25, vim.schedule_wrap(function()
  if left > 0 then
    left = left - 1
    times[#times + 1] = ("%d"):format(vim.loop.hrtime())
    vim.api.nvim_feedkeys("A" .. string.char(97 + left % 26), "tx", false)
  elseif left == 0 then
    left = -1
    vim.fn.writefile(times, go .. ".keys")
  elseif vim.loop.fs_stat(go) then
    vim.cmd("qa!")
  end
end))
