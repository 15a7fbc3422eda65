-- Unix sockets, pipes and handles that are sent through them.
local uv = require 'luv'
local check = require 'check'

return function(directory)
  local name = directory .. '/socket'

  -- A listening pipe, its accepted connection and the client of that.
  local function connected(ipc)
    local accepted = check.channel()
    local server, client = uv.new_pipe(false), uv.new_pipe(ipc)
    check.equal(server:bind(name), 0, 'bind')
    server:listen(10, function(err)
      check.equal(err, nil, 'error')
      local peer = uv.new_pipe(ipc)
      check.equal(server:accept(peer), 0, 'accept')
      accepted.put(peer)
    end)
    check.equal(check.await(client.connect, client, name), nil, 'error')
    return server, accepted.take(), client
  end

  return {
    'a named pipe carries bytes both ways', function()
      local server, peer, client = connected(false)
      check.equal(server:getsockname(), name, 'name')
      check.equal(client:getpeername(), name, 'name of the peer')
      check.equal(server:chmod('rw'), 0, 'chmod')
      check.equal(uv.fs_stat(name).type, 'socket', 'type')
      local sent, parts, chunks = check.bytes(1024 * 1024), {}, check.channel()
      peer:read_start(chunks.put)
      client:write(sent)
      client:shutdown()
      while true do
        local _, data = chunks.take()
        if not data then break end
        table.insert(parts, data)
      end
      check.equal(table.concat(parts) == sent, true, 'the same bytes')
      local answer = check.channel()
      client:read_start(answer.put)
      peer:write('answer')
      check.equal(select(2, answer.take()), 'answer', 'answer')
      check.close(server, peer, client)
      check.fails('ENOENT', uv.fs_stat(name))
    end,

    'nobody listens', function()
      local client = uv.new_pipe(false)
      check.error_name(check.await(client.connect, client, directory .. '/none'), 'ENOENT')
      check.close(client)
      local server = uv.new_pipe(false)
      check.fails('EACCES', server:bind(directory .. '/no directory/name'))
      check.close(server)
    end,

    'a pair of plain descriptors', function()
      local ends = uv.pipe({ nonblock = true }, { nonblock = true })
      local reader, writer, chunks = uv.new_pipe(false), uv.new_pipe(false), check.channel()
      check.equal(reader:open(ends.read), 0, 'open')
      check.equal(writer:open(ends.write), 0, 'open')
      check.equal(reader:is_readable(), true, 'readable')
      check.equal(writer:is_writable(), true, 'writable')
      check.equal(writer:is_readable(), false, 'readable')
      reader:read_start(chunks.put)
      check.equal(writer:try_write('plain'), 5, 'written')
      check.equal(select(2, chunks.take()), 'plain', 'data')
      check.close(writer)
      local err, data = chunks.take()
      check.equal(err, nil, 'error')
      check.equal(data, nil, 'data after the end')
      check.close(reader)
    end,

    'handles are sent', function()
      local server, peer, client = connected(true)
      local listener, connections = uv.new_tcp(), check.channel()
      listener:bind('127.0.0.1', 0)
      local port = listener:getsockname().port
      local chunks, written = check.channel(), check.channel()
      peer:read_start(chunks.put)
      client:write2('take this', listener, written.put)
      check.equal(written.take(), nil, 'error')
      check.equal(select(2, chunks.take()), 'take this', 'data')
      check.equal(peer:pending_count(), 1, 'waiting')
      check.equal(peer:pending_type(), 'tcp', 'type')
      local taken = uv.new_tcp()
      check.equal(peer:accept(taken), 0, 'accept')
      check.equal(peer:pending_count(), 0, 'waiting')
      check.equal(taken:getsockname().port, port, 'port')
      check.close(listener)
      taken:listen(10, connections.put)
      local visitor = uv.new_tcp()
      check.equal(check.await(visitor.connect, visitor, '127.0.0.1', port), nil, 'error')
      check.equal(connections.take(), nil, 'error')
      local accepted = uv.new_tcp()
      check.equal(taken:accept(accepted), 0, 'accept')
      check.equal(client:try_write2('once more', visitor), 9, 'written')
      check.equal(select(2, chunks.take()), 'once more', 'data')
      check.equal(peer:pending_type(), 'tcp', 'type')
      local copy = uv.new_tcp()
      check.equal(peer:accept(copy), 0, 'accept')
      check.equal(copy:getpeername().port, port, 'port of its peer')
      check.close(copy, accepted, visitor, taken, client, peer, server)
    end,
  }
end
