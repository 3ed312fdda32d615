// The clouds that the server publishes as 3D Tiles, and addresses of tilesets.

export interface PublishedCloud {
  name: string;
  title: string;
  tileset: string;
}

export async function readClouds(): Promise<PublishedCloud[]> {
  const response = await fetch('3dtiles', { headers: { Accept: 'application/json' } });
  if (!response.ok) throw new Error(`The list of clouds cannot be read: the server answered ${response.status}.`);
  return ((await response.json()) as { layers: PublishedCloud[] }).layers;
}

/** A tileset's address on this host, whatever host the server names: a proxy's inner one may be there. */
export function addressOf(tileset: string): string {
  const url = new URL(tileset, document.baseURI);
  return url.pathname + url.search;
}
