-- Addresses of names and names of addresses.
local uv = require 'luv'
local check = require 'check'

local function find(addresses, wanted)
  for _, address in ipairs(addresses) do
    if address.addr == wanted then return address end
  end
end

return function()
  return {
    'addresses of this machine', function()
      local hints = { socktype = 'stream', family = 'inet' }
      local err, addresses = check.await(uv.getaddrinfo, 'localhost', nil, hints)
      check.equal(err, nil, 'error')
      local address = find(addresses, '127.0.0.1')
      check.equal(address ~= nil, true, 'found')
      check.equal(address.family, 'inet', 'family')
      check.equal(address.socktype, 'stream', 'type')
      check.equal(find(uv.getaddrinfo('localhost', nil, hints), '127.0.0.1') ~= nil, true, 'found')
    end,

    'numbers and services', function()
      local err, addresses = check.await(uv.getaddrinfo, '::1', '8080',
        { socktype = 'dgram', numerichost = true })
      check.equal(err, nil, 'error')
      check.equal(addresses[1].addr, '::1', 'address')
      check.equal(addresses[1].port, 8080, 'port')
      check.equal(addresses[1].family, 'inet6', 'family')
    end,

    'names that are none', function()
      local err = check.await(uv.getaddrinfo, 'no number', nil, { numerichost = true })
      check.error_name(err, 'EAI_NONAME')
      check.fails('EINVAL', uv.getaddrinfo(string.rep('x', 300), nil, nil))
    end,

    'names of addresses', function()
      local err, host, service = check.await(uv.getnameinfo, { ip = '127.0.0.1', port = 80 })
      check.equal(err, nil, 'error')
      check.equal(type(host) == 'string' and #host > 0, true, 'host')
      check.equal(service == 'http' or service == '80', true, 'service ' .. service)
      local same_host, same_service = uv.getnameinfo { ip = '127.0.0.1', port = 80 }
      check.equal(same_host, host, 'host')
      check.equal(same_service, service, 'service')
    end,

    'many look-ups do not hold up other work', function()
      local done = check.channel()
      for _ = 1, 50 do uv.getaddrinfo('localhost', nil, nil, done.put) end
      local err, stat = check.await(uv.fs_stat, '/')
      check.equal(err, nil, 'error')
      check.equal(stat.type, 'directory', 'type')
      for _ = 1, 50 do check.equal(done.take(), nil, 'error') end
    end,
  }
end
