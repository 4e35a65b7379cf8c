// Hands each request of Node's server to a function of the web's Request and Response.
import { createServer } from "node:http";

export function serve(answer, { host, port }) {
  const origin = `http://${host}:${port}`;
  createServer(async (incoming, outgoing) => {
    const body = [];
    for await (const part of incoming) body.push(part);
    const hasBody = !["GET", "HEAD"].includes(incoming.method);
    const request = new Request(origin + incoming.url, {
      method: incoming.method, headers: incoming.headers, ...(hasBody && { body: Buffer.concat(body) }),
    });
    const response = await answer(request);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  }).listen(port, host, () => console.log(`ready at ${origin}`));
}
