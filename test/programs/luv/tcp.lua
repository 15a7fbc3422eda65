-- TCP and what all streams have in common.
local uv = require 'luv'
local check = require 'check'

local function listen(address, on_connection)
  local server = uv.new_tcp()
  check.equal(server:bind(address, 0), 0, 'bind')
  check.equal(server:listen(128, function(err)
    check.equal(err, nil, 'error')
    local peer = uv.new_tcp()
    check.equal(server:accept(peer), 0, 'accept')
    on_connection(peer)
  end), 0, 'listen')
  return server, server:getsockname().port
end

local function echo(peer)
  peer:read_start(function(err, data)
    check.equal(err, nil, 'error')
    if data then
      peer:write(data)
    else
      peer:shutdown(function() peer:close() end)
    end
  end)
end

-- Everything that comes until the end of the stream.
local function read_all(stream)
  local parts, chunks = {}, check.channel()
  stream:read_start(chunks.put)
  while true do
    local err, data = chunks.take()
    check.equal(err, nil, 'error')
    if not data then return table.concat(parts) end
    table.insert(parts, data)
  end
end

local function echoes(address, family)
  local server, port = listen(address, echo)
  local client = uv.new_tcp()
  check.equal(check.await(client.connect, client, address, port), nil, 'error')
  local peer = client:getpeername()
  check.equal(peer.ip, address, 'ip')
  check.equal(peer.port, port, 'port')
  check.equal(peer.family, family, 'family')
  check.equal(client:is_readable() and client:is_writable(), true, 'both ways')
  local sent = check.bytes(16 * 1024 * 1024)
  client:write(sent:sub(1, 1000))
  client:write({ sent:sub(1001, 2000), sent:sub(2001, 5000), sent:sub(5001) })
  check.equal(client:write_queue_size() > 0, true, 'some of it waits')
  client:shutdown()
  check.equal(read_all(client) == sent, true, 'the same bytes')
  check.equal(client:write_queue_size(), 0, 'nothing waits')
  check.close(client, server)
end

return function()
  return {
    'bytes are echoed over IPv4', function() echoes('127.0.0.1', 'inet') end,
    'bytes are echoed over IPv6', function() echoes('::1', 'inet6') end,

    'a hundred connections at once', function()
      local server, port = listen('127.0.0.1', echo)
      local done = check.channel()
      for n = 1, 100 do
        coroutine.wrap(function()
          local client = uv.new_tcp()
          check.equal(check.await(client.connect, client, '127.0.0.1', port), nil, 'error')
          client:write('number ' .. n)
          client:shutdown()
          local answer = read_all(client)
          client:close()
          done.put(answer == 'number ' .. n)
        end)()
      end
      for _ = 1, 100 do check.equal(done.take(), true, 'answer') end
      check.close(server)
    end,

    'nobody listens', function()
      local server, port = listen('127.0.0.1', echo)
      check.close(server)
      local client = uv.new_tcp()
      check.error_name(check.await(client.connect, client, '127.0.0.1', port), 'ECONNREFUSED')
      check.fails('ENOTCONN', client:getpeername())
      check.close(client)
    end,

    'an address in use', function()
      local server, port = listen('127.0.0.1', echo)
      local second = uv.new_tcp()
      second:bind('127.0.0.1', port)
      check.fails('EADDRINUSE', second:listen(1, function() end))
      check.close(second, server)
    end,

    'options', function()
      local accepted = check.channel()
      local server, port = listen('127.0.0.1', accepted.put)
      local client = uv.new_tcp('inet')
      check.equal(check.await(client.connect, client, '127.0.0.1', port), nil, 'error')
      check.equal(client:nodelay(true), 0, 'nodelay')
      check.equal(client:keepalive(true, 60), 0, 'keepalive')
      check.equal(client:keepalive(false), 0, 'keepalive')
      check.equal(server:simultaneous_accepts(true), 0, 'simultaneous accepts')
      check.equal(client:set_blocking(false), 0, 'blocking')
      check.equal(client:send_buffer_size(32768), 0, 'set send buffer')
      check.equal(client:send_buffer_size() >= 32768, true, 'send buffer')
      check.equal(client:recv_buffer_size() > 0, true, 'receive buffer')
      check.equal(math.type(client:fileno()), 'integer', 'descriptor')
      check.equal(uv.guess_handle(client:fileno()), 'tcp', 'kind of the descriptor')
      check.equal(client:try_write('tried'), 5, 'bytes written at once')
      local peer = accepted.take()
      local chunks = check.channel()
      peer:read_start(chunks.put)
      check.fails('EALREADY', peer:read_start(chunks.put))
      local _, data = chunks.take()
      check.equal(data, 'tried', 'data')
      check.equal(peer:read_stop(), 0, 'stop')
      check.close(peer, client, server)
    end,

    'a connection is reset', function()
      local accepted = check.channel()
      local server, port = listen('127.0.0.1', accepted.put)
      local client = uv.new_tcp()
      check.equal(check.await(client.connect, client, '127.0.0.1', port), nil, 'error')
      local peer = accepted.take()
      local read = check.channel()
      client:read_start(read.put)
      check.equal(check.await(peer.close_reset, peer), nil, 'closed')
      check.error_name(read.take(), 'ECONNRESET')
      check.close(client, server)
    end,

    'writes that wait are cancelled by closing', function()
      local accepted, written = check.channel(), check.channel()
      local server, port = listen('127.0.0.1', accepted.put)
      local client = uv.new_tcp()
      check.equal(check.await(client.connect, client, '127.0.0.1', port), nil, 'error')
      local peer = accepted.take()
      client:write(check.bytes(16 * 1024 * 1024), written.put)
      check.close(client)
      check.error_name(written.take(), 'ECANCELED')
      check.close(peer, server)
    end,

    'sockets that exist already', function()
      local ends = uv.socketpair('stream', 0, { nonblock = true }, { nonblock = true })
      local a, b = uv.new_tcp(), uv.new_tcp()
      check.equal(a:open(ends[1]), 0, 'open')
      check.equal(b:open(ends[2]), 0, 'open')
      a:write('through a pair')
      a:shutdown()
      check.equal(read_all(b), 'through a pair', 'data')
      check.close(a, b)
    end,
  }
end
