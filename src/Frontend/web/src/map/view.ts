// The map itself: OpenLayers with the layers of the capabilities.

import Graticule from 'ol/layer/Graticule';
import TileLayer from 'ol/layer/Tile';
import Map from 'ol/Map';
import type { Projection } from 'ol/proj';
import { get as getProjection, toLonLat, transform, transformExtent } from 'ol/proj';
import WMTS, { optionsFromCapabilities } from 'ol/source/WMTS';
import Stroke from 'ol/style/Stroke';
import ScaleLine from 'ol/control/ScaleLine';
import type WMTSTileGrid from 'ol/tilegrid/WMTS';
import View from 'ol/View';
import type { PublishedLayer, Service } from './capabilities';
import { knowsProjection } from './projections';

export interface MapState {
  crs: string;
  center: [number, number];
  resolution: number;
}

const everything: [number, number, number, number] = [-5.5, 41, 10, 51.5];

export class LayerMap {
  readonly map: Map;
  private readonly layers = new globalThis.Map<string, TileLayer<WMTS>>();

  constructor(target: HTMLElement, private readonly service: Service, crs: string) {
    this.map = new Map({ target, view: this.viewOf(crs) });
    this.map.addControl(new ScaleLine());
    this.map.addLayer(new Graticule({ strokeStyle: new Stroke({ color: 'rgba(110,130,140,.45)', width: 1 }), showLabels: true, wrapX: false, zIndex: -1 }));
  }

  get crs(): string {
    return this.map.getView().getProjection().getCode();
  }

  /** Short name of the unit of the view's projection. */
  get unit(): string {
    return this.map.getView().getProjection().getUnits() === 'degrees' ? '°' : 'm';
  }

  get state(): MapState {
    const view = this.map.getView();
    const center = toLonLat(view.getCenter() ?? [0, 0], view.getProjection());
    return { crs: this.crs, center: [center[0]!, center[1]!], resolution: view.getResolution() ?? 1 };
  }

  /** Shows exactly these layers, the first at the bottom. */
  show(shown: { name: string; opacity: number }[]): void {
    for (const [name, layer] of this.layers) layer.setVisible(shown.some(item => item.name === name));
    shown.forEach((item, position) => {
      const layer = this.layerOf(item.name);
      layer?.setOpacity(item.opacity);
      layer?.setZIndex(position);
    });
  }

  moveTo(center: [number, number], resolution: number): void {
    this.map.getView().setCenter(transform(center, 'EPSG:4326', this.crs));
    this.map.getView().setResolution(resolution);
  }

  fit(layer: PublishedLayer | null): void {
    const extent = transformExtent(layer?.bounds ?? everything, 'EPSG:4326', this.crs, 8);
    this.map.getView().fit(extent, { padding: [24, 24, 24, 24], size: this.map.getSize() });
  }

  /** Changes the projection of the view and stays at the same place and scale. */
  project(crs: string): void {
    if (crs === this.crs) return;
    const before = this.map.getView();
    const center = before.getCenter() ?? [0, 0];
    const lonLat = toLonLat(center, before.getProjection());
    const metres = (before.getResolution() ?? 1) * (before.getProjection().getMetersPerUnit() ?? 1);
    const view = this.viewOf(crs);
    view.setCenter(transform(lonLat, 'EPSG:4326', crs));
    view.setResolution(metres / (view.getProjection().getMetersPerUnit() ?? 1));
    this.map.setView(view);
  }

  /** The level that a layer's tiles are taken from at the present scale. */
  levelOf(name: string): string | null {
    const layer = this.layers.get(name);
    const source = layer?.getSource();
    const resolution = this.map.getView().getResolution();
    const grid = source?.getTileGrid();
    if (!source || !grid || !resolution) return null;
    const own = source.getProjection() as Projection;
    const factor = (this.map.getView().getProjection().getMetersPerUnit() ?? 1) / (own.getMetersPerUnit() ?? 1);
    return (grid as WMTSTileGrid).getMatrixId(grid.getZForResolution(resolution * factor, source.zDirection));
  }

  private viewOf(crs: string): View {
    const projection = getProjection(knowsProjection(crs) ? crs : 'EPSG:3857')!;
    return new View({ projection, center: transform([2.5, 46.6], 'EPSG:4326', projection), zoom: 5, maxZoom: 24, showFullExtent: true });
  }

  private layerOf(name: string): TileLayer<WMTS> | null {
    const known = this.layers.get(name);
    if (known) return known;
    const described = this.service.layers.find(layer => layer.name === name);
    if (!described || !knowsProjection(described.crs)) return null;
    const options = optionsFromCapabilities(this.service.document, { layer: name, matrixSet: described.matrixSet });
    if (!options) return null;
    const source = new WMTS({ ...options, projection: described.crs, crossOrigin: 'anonymous', transition: 150 });
    const layer = new TileLayer({ source, extent: this.extentOf(described) });
    this.layers.set(name, layer);
    this.map.addLayer(layer);
    return layer;
  }

  // The extent is in the projection of the view; it is left out where the view may change under it.
  private extentOf(layer: PublishedLayer): number[] | undefined {
    return layer.bounds && this.service.layers.every(other => other.crs === layer.crs)
      ? transformExtent(layer.bounds, 'EPSG:4326', this.crs, 8)
      : undefined;
  }
}
