-- What the scripts share: assertions, channels between callbacks and tests, the list of tests.
local uv = vim and vim.loop or require 'luv'
local check = {}
local unpack = table.unpack or unpack

local function show(value)
  return type(value) == 'string' and string.format('%q', value:sub(1, 200)) or tostring(value)
end

function check.equal(got, expected, what)
  if got ~= expected then
    error(string.format('%s is %s, not %s', what or 'result', show(got), show(expected)), 2)
  end
end

function check.close_to(got, expected, distance, what)
  if type(got) ~= 'number' or math.abs(got - expected) > distance then
    error(string.format('%s is %s, not near %s', what or 'result', show(got), show(expected)), 2)
  end
end

-- What luv returns for a failed call: nil, a message that starts with the name, the name.
function check.fails(name, result, message, got_name)
  if result ~= nil or got_name ~= name or message:sub(1, #name + 1) ~= name .. ':' then
    error(string.format('%s, %s, %s instead of %s', show(result), show(message), show(got_name),
      name), 2)
  end
end

-- What a callback gets for a failed call: the message or the bare name.
function check.error_name(got, name)
  if type(got) ~= 'string' or got:match('^[%w_]+') ~= name then
    error(string.format('error is %s, not %s', show(got), name), 2)
  end
end

function check.libraries()
  local seen = {}
  for line in io.lines('/proc/self/maps') do
    local path = line:match('%s(/.*libuv%.so.*)$')
    if path then seen[path] = true end
  end
  local expected = os.getenv('EXPECTED_LIBRARY')
  for path in pairs(seen) do
    if path ~= expected then error('has mapped ' .. path .. ', not ' .. expected) end
  end
  if not seen[expected] then error('has not mapped ' .. expected) end
end

local function resume(thread, ...)
  local fine, message = coroutine.resume(thread, ...)
  if not fine then
    io.stderr:write(debug.traceback(thread, message), '\n')
    os.exit(1)
  end
end

-- Callbacks put, the test takes and waits if there is nothing yet.
function check.channel()
  local items, waiting = {}, nil
  local channel = {}
  function channel.put(...)
    local item = { n = select('#', ...), ... }
    if waiting then
      local thread = waiting
      waiting = nil
      resume(thread, unpack(item, 1, item.n))
    else
      table.insert(items, item)
    end
  end
  function channel.take()
    if #items == 0 then
      waiting = coroutine.running()
      return coroutine.yield()
    end
    local item = table.remove(items, 1)
    return unpack(item, 1, item.n)
  end
  function channel.count()
    return #items
  end
  return channel
end

-- The arguments of the callback that `call` gets after its other arguments.
function check.await(call, ...)
  local channel = check.channel()
  local arguments = { n = select('#', ...), ... }
  arguments[arguments.n + 1] = channel.put
  local handle, message = call(unpack(arguments, 1, arguments.n + 1))
  if not handle and message then error(message, 2) end
  return channel.take()
end

function check.close(...)
  for _, handle in ipairs { ... } do check.await(handle.close, handle) end
end

-- A string of that many bytes in which every block of 256 differs from its neighbours.
function check.bytes(length)
  local bytes, blocks = {}, {}
  for i = 1, 256 do bytes[i] = string.char(i * 7 % 256) end
  local base = table.concat(bytes)
  for block = 1, math.ceil(length / 256) do
    local start = block * 13 % 256
    blocks[block] = base:sub(start + 1) .. base:sub(1, start)
  end
  return table.concat(blocks):sub(1, length)
end

-- Runs the tests of a module, pairs of a name and a function, each until nothing is left to do in
-- the loop. One that takes longer than ten seconds fails.
function check.run(module, tests)
  for i = 1, #tests, 2 do
    local name, test = module .. ': ' .. tests[i], tests[i + 1]
    local watchdog, done = uv.new_timer(), false
    watchdog:start(10000, 0, function()
      io.stderr:write(name, ' does not finish\n')
      uv.print_all_handles()
      os.exit(1)
    end)
    watchdog:unref()
    resume(coroutine.create(function()
      test()
      done = true
    end))
    uv.run()
    if not done then error(name .. ' waits for something that does not come') end
    watchdog:close()
    uv.run()
    local left = {}
    uv.walk(function(handle) table.insert(left, tostring(handle)) end)
    if #left > 0 then error(name .. ' leaves ' .. table.concat(left, ', ')) end
    print('ok ' .. name)
  end
end

return check
