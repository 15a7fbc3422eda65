-- Threads, async handles and the thread pool.
local uv = require 'luv'
local check = require 'check'

-- Runs in a thread: says that number `n` is there and waits for all `count`, five seconds at most.
-- luv hands integers over as floats.
local function meet(directory, n, count)
  local loop = require 'luv'
  local path = directory .. '/met%d'
  loop.fs_close(loop.fs_open(path:format(n), 'w', 420))
  for _ = 1, 5000 do
    local there = 0
    for i = 1, count do
      if loop.fs_stat(path:format(i)) then there = there + 1 end
    end
    if there == count then return true end
    loop.sleep(1)
  end
  return false
end

return function(directory)
  local function forget(count)
    for n = 1, count do uv.fs_unlink(directory .. '/met' .. n) end
  end

  return {
    'a thread gets arguments and sends to the loop', function()
      local sent = check.channel()
      local async = uv.new_async(sent.put)
      local thread = uv.new_thread(function(handle, number, text)
        local loop = require 'luv'
        loop.sleep(5)
        handle:send(number * 2, text .. '!')
      end, async, 21, 'text')
      local number, text = sent.take()
      check.equal(number, 42, 'number')
      check.equal(text, 'text!', 'text')
      check.equal(thread:join(), true, 'join')
      check.equal(uv.thread_self():equal(uv.thread_self()), true, 'same thread')
      check.equal(thread:equal(uv.thread_self()), false, 'other thread')
      check.close(async)
    end,

    'threads have a stack of the size asked for', function()
      local thread = uv.new_thread({ stack_size = 2 * 1024 * 1024 }, function(path)
        local loop = require 'luv'
        local function deep(n) return n == 0 and 0 or 1 + deep(n - 1) end
        assert(deep(10000) == 10000)
        loop.fs_close(loop.fs_open(path, 'w', 420))
      end, directory .. '/thread')
      thread:join()
      check.equal(uv.fs_unlink(directory .. '/thread'), true, 'what the thread made')
    end,

    'work is done in the pool and comes back', function()
      local count, sum, done = 100, 0, check.channel()
      local work = uv.new_work(function(n)
        local total = 0
        for i = 1, n do total = total + i end
        return n, total
      end, done.put)
      for n = 1, count do check.equal(work:queue(n), true, 'queued') end
      for _ = 1, count do
        local n, total = done.take()
        check.equal(total, n * (n + 1) // 2, 'total of ' .. n)
        sum = sum + n
      end
      check.equal(sum, count * (count + 1) // 2, 'all of them')
    end,

    'work runs side by side', function()
      local done = check.channel()
      local work = uv.new_work(meet, done.put)
      for n = 1, 4 do work:queue(directory, n, 4) end
      for _ = 1, 4 do check.equal(done.take(), true, 'met the others') end
      forget(4)
    end,

    'what waits is cancelled', function()
      local waiters, cancelled = check.channel(), check.channel()
      local work = uv.new_work(meet, waiters.put)
      for n = 1, 4 do work:queue(directory, n, 5) end
      local request = uv.fs_stat('/', cancelled.put)
      check.equal(uv.req_get_type(request), 'fs', 'type')
      check.equal(uv.cancel(request), 0, 'cancel')
      check.error_name(cancelled.take(), 'ECANCELED')
      meet(directory, 5, 5)
      for _ = 1, 4 do check.equal(waiters.take(), true, 'met the others') end
      forget(5)
    end,

    'random bytes differ', function()
      local a, b = uv.random(64), uv.random(64)
      check.equal(#a, 64, 'length')
      check.equal(a ~= b, true, 'different')
      local err, c = check.await(uv.random, 1000, nil)
      check.equal(err, nil, 'error')
      check.equal(#c, 1000, 'length')
    end,
  }
end
