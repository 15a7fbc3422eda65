-- UDP.
local uv = require 'luv'
local check = require 'check'

-- Bound to a port of the kernel's choice, with a channel of what arrives.
local function receiver(address)
  local udp, received = uv.new_udp(), check.channel()
  check.equal(udp:bind(address, 0), 0, 'bind')
  check.equal(udp:recv_start(function(err, data, from, flags)
    check.equal(err, nil, 'error')
    if from then received.put(data, from, flags) end
  end), 0, 'start')
  return udp, received, udp:getsockname().port
end

local function carries(address, family)
  local udp, received, port = receiver(address)
  local sender = uv.new_udp()
  for _, data in ipairs { 'first', check.bytes(9000), '' } do
    check.equal(check.await(sender.send, sender, data, address, port), nil, 'error')
    local got, from = received.take()
    check.equal(got, data, 'data')
    check.equal(from.ip, address, 'ip')
    check.equal(from.family, family, 'family')
    check.equal(from.port, sender:getsockname().port, 'port')
  end
  check.equal(sender:try_send('tried', address, port), 5, 'bytes')
  check.equal(received.take(), 'tried', 'data')
  check.close(sender, udp)
end

return function()
  return {
    'datagrams over IPv4', function() carries('127.0.0.1', 'inet') end,
    'datagrams over IPv6', function() carries('::1', 'inet6') end,

    'many of them, in order', function()
      local udp, received, port = receiver('127.0.0.1')
      local sender, sent = uv.new_udp { family = 'inet' }, check.channel()
      for round = 0, 9 do
        for n = 1, 20 do sender:send('datagram ' .. round * 20 + n, '127.0.0.1', port, sent.put) end
        for n = 1, 20 do
          check.equal(received.take(), 'datagram ' .. round * 20 + n, 'data')
          check.equal(sent.take(), nil, 'error')
        end
      end
      check.equal(sender:get_send_queue_count(), 0, 'count')
      check.equal(sender:get_send_queue_size(), 0, 'size')
      check.equal(udp:recv_stop(), 0, 'stop')
      check.close(sender, udp)
    end,

    'several received by one system call', function()
      local udp, received = uv.new_udp { mmsgs = 8 }, check.channel()
      udp:bind('127.0.0.1', 0)
      local port = udp:getsockname().port
      local sender = uv.new_udp()
      for n = 1, 20 do
        check.equal(check.await(sender.send, sender, 'mmsg ' .. n, '127.0.0.1', port), nil, 'error')
      end
      udp:recv_start(function(err, data)
        check.equal(err, nil, 'error')
        if data then received.put(data) end
      end)
      for n = 1, 20 do check.equal(received.take(), 'mmsg ' .. n, 'data') end
      check.close(sender, udp)
    end,

    'connected', function()
      local udp, received, port = receiver('127.0.0.1')
      local sender = uv.new_udp()
      check.fails('EBADF', sender:getpeername())
      check.equal(sender:connect('127.0.0.1', port), 0, 'connect')
      check.equal(sender:getpeername().port, port, 'port')
      check.equal(check.await(sender.send, sender, 'to the peer', nil, nil), nil, 'error')
      check.equal(received.take(), 'to the peer', 'data')
      check.fails('EISCONN', sender:send('x', '127.0.0.1', port, function() end))
      check.equal(sender:connect(nil, nil), 0, 'disconnect')
      check.fails('EDESTADDRREQ', sender:try_send('x', nil, nil))
      check.close(sender, udp)
    end,

    'options', function()
      local udp, _, port = receiver('127.0.0.1')
      check.equal(udp:set_broadcast(true), 0, 'broadcast')
      check.equal(udp:set_ttl(64), 0, 'ttl')
      check.equal(udp:set_multicast_ttl(1), 0, 'multicast ttl')
      check.equal(udp:set_multicast_loop(true), 0, 'multicast loop')
      check.equal(udp:set_multicast_interface('127.0.0.1'), 0, 'multicast interface')
      check.fails('EINVAL', udp:set_ttl(256))
      check.equal(udp:recv_buffer_size(65536), 0, 'set receive buffer')
      check.equal(udp:recv_buffer_size() >= 65536, true, 'receive buffer')
      local second = uv.new_udp()
      check.fails('EADDRINUSE', second:bind('127.0.0.1', port))
      check.fails('EINVAL', second:set_membership('not an address', nil, 'join'))
      check.close(second, udp)
    end,

    'a group', function()
      local udp, received, port = receiver('0.0.0.0')
      check.equal(udp:set_membership('239.255.0.1', '127.0.0.1', 'join'), 0, 'join')
      local sender = uv.new_udp()
      sender:bind('127.0.0.1', 0)
      sender:set_multicast_interface('127.0.0.1')
      check.equal(check.await(sender.send, sender, 'to all', '239.255.0.1', port), nil, 'error')
      check.equal(received.take(), 'to all', 'data')
      check.equal(udp:set_membership('239.255.0.1', '127.0.0.1', 'leave'), 0, 'leave')
      check.fails('EADDRNOTAVAIL', udp:set_membership('239.255.0.1', '127.0.0.1', 'leave'))
      check.equal(udp:set_source_membership('239.255.0.2', '127.0.0.1', '127.0.0.1', 'join'), 0,
        'join a source')
      check.equal(udp:set_source_membership('239.255.0.2', '127.0.0.1', '127.0.0.1', 'leave'), 0,
        'leave a source')
      check.close(sender, udp)
    end,

    'a socket that exists already', function()
      local ends = uv.socketpair('dgram', 0, { nonblock = true }, { nonblock = true })
      local udp = uv.new_udp()
      check.equal(udp:open(ends[1]), 0, 'open')
      check.equal(udp:fileno(), ends[1], 'descriptor')
      check.close(udp)
      uv.fs_close(ends[2])
    end,
  }
end
