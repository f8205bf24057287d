// The network of Bluesky on loopback: a personal data server, a directory and an AppView.
// Prints where they are, as one line of JSON, and ends with the line "stop" or with its input.
// The lines "pds stop" and "pds start" do that to the personal data server, whose data and port
// stay; each is answered by a line.

import net from 'node:net'
import readline from 'node:readline'

// What is told no interface would listen on all of them.
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  const named = typeof rest[0] === 'string'
  if (typeof first === 'number' && !named) return listen.call(this, first, '127.0.0.1', ...rest)
  if (typeof first === 'object' && first && 'port' in first && !first.host) first.host = '127.0.0.1'
  return listen.call(this, first, ...rest)
}

// The settings of the latest PDS: the network keeps none to start it from again.
const { PDS } = await import('@atproto/pds')
const fromEnv = PDS.fromEnv
let settings
PDS.fromEnv = (env) => fromEnv.call(PDS, (settings = env))

const { TestNetwork, mockResolvers } = await import('@atproto/dev-env')
const network = await TestNetwork.create({ dbPostgresSchema: 'bsky' })
console.log(JSON.stringify({ pds: network.pds.url, plc: network.plc.url }))

for await (const line of readline.createInterface({ input: process.stdin })) {
  if (line === 'stop') break
  if (line === 'pds stop') await network.pds.close()
  if (line === 'pds start') {
    network.pds.server = await PDS.fromEnv(settings)
    mockResolvers(network.pds.ctx.idResolver, network.pds)
    await network.pds.server.start()
  }
  console.log('done')
}
await network.close()
process.exit(0)
