// Which way of signing each letter took, in and out, and what Fedify thinks of the signature alone.
import { verifyRequest } from "@fedify/fedify";

const schemeOf = (headers) =>
  headers.has("signature-input") ? "rfc9421" : headers.has("signature") ? "draft-cavage" : null;

const describe = async (request) => {
  const document = await request.clone().json().catch(() => ({}));
  return { id: document.id, scheme: schemeOf(request.headers), hasProof: "proof" in document };
};

// Fedify does not look at the signature of what proves itself: here it is asked about the signature, and nothing else.
export async function watchIncoming(request, loaders) {
  const key = await verifyRequest(request.clone(), loaders).catch(() => null);
  return { ...(await describe(request)), signedBy: key?.ownerId?.href ?? null };
}

export function watchOutgoing() {
  const sent = [];
  const reallyFetch = globalThis.fetch;
  globalThis.fetch = async (input, options) => {
    const request = input instanceof Request ? input : new Request(input, options);
    if (request.method !== "POST") return await reallyFetch(input, options);
    const way = await describe(request);
    const response = await reallyFetch(input, options);
    sent.push({ ...way, status: response.status });
    return response;
  };
  return sent;
}
