-- Text in the lines' form, its hash, and what differs between two texts.
local text = {}

local function isUTF8(s)
  if not s:find("[\128-\255]") then return true end
  s = s:gsub("\240[\144-\191][\128-\191][\128-\191]", "x"):gsub("[\241-\243][\128-\191][\128-\191][\128-\191]", "x")
  s = s:gsub("\244[\128-\143][\128-\191][\128-\191]", "x"):gsub("\224[\160-\191][\128-\191]", "x")
  s = s:gsub("\237[\128-\159][\128-\191]", "x"):gsub("[\225-\236\238\239][\128-\191][\128-\191]", "x")
  return not s:gsub("[\194-\223][\128-\191]", "x"):find("[\128-\255]")
end

local digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local function base64(s)
  local out = {}
  for i = 1, #s, 3 do
    local a, b, c = s:byte(i, i + 2)
    local n = a * 65536 + (b or 0) * 256 + (c or 0)
    for k = 0, 3 do
      local d = math.floor(n / 64 ^ (3 - k)) % 64 + 1
      out[#out + 1] = (k < 2 or (k == 2 and b) or c) and digits:sub(d, d) or "="
    end
  end
  return table.concat(out)
end

local values
local function ofBase64(s)
  if not values then
    values = {}
    for i = 1, #digits do values[digits:byte(i)] = i - 1 end
  end
  local out = {}
  for a, b, c, d in s:gmatch("(.)(.)(.)(.)") do
    local n = (values[a:byte()] or 0) * 262144 + (values[b:byte()] or 0) * 4096 + (values[c:byte()] or 0) * 64 + (values[d:byte()] or 0)
    local bytes = string.char(math.floor(n / 65536), math.floor(n / 256) % 256, n % 256)
    out[#out + 1] = bytes:sub(1, c == "=" and 1 or d == "=" and 2 or 3)
  end
  return table.concat(out)
end

-- The bytes of a member of a message.
function text.bytes(value) return type(value) == "table" and ofBase64(value.b64 or "") or tostring(value) end

-- As a member of a message: a string where it is UTF-8, else {"b64": …}.
function text.value(s) return isUTF8(s) and s or { b64 = base64(s) } end

function text.hash(s) -- a text with NUL bytes is no string for Vim's functions
  if not s:find("%z") then return vim.fn.sha256(s) end
end

function text.ofBuffer(buf) return table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, false), "\n") .. "\n" end

function text.isInner(byte) return byte and byte >= 0x80 and byte < 0xC0 end

-- What differs: the bytes before it, how many go, what comes; never inside a UTF-8 character.
function text.trim(old, new)
  local no, nn = #old, #new
  local least, p, s = math.min(no, nn), 0, 0
  while p < least and old:byte(p + 1) == new:byte(p + 1) do p = p + 1 end
  while p > 0 and (text.isInner(old:byte(p + 1)) or text.isInner(new:byte(p + 1))) do p = p - 1 end
  while s < least - p and old:byte(no - s) == new:byte(nn - s) do s = s + 1 end
  while s > 0 and text.isInner(old:byte(no - s + 1)) do s = s - 1 end
  return p, no - p - s, new:sub(p + 1, nn - s)
end

return text
