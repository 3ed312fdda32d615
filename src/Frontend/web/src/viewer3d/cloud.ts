// A tileset of points in a scene: x east, y north, z up, in metres from the middle of the tileset.

import { TilesRenderer } from '3d-tiles-renderer';
import {
  Box3, BufferGeometry, Color, DoubleSide, Float32BufferAttribute, Matrix4, Mesh, MeshBasicMaterial, PerspectiveCamera, Points, Scene, Sphere, SRGBColorSpace,
  TextureLoader, Vector3, WebGLRenderer, type Object3D,
} from 'three';
import { MapControls } from 'three/addons/controls/MapControls.js';
import { geocentric, geodetic, type Place } from './geodesy';
import { PointMaterials } from './material';

/** What the tileset's first document says of the cloud; all of it may be absent from a tileset of another maker. */
export interface Extras {
  crs?: string;
  heights?: string;
  points?: number;
  hasColor?: boolean;
  minHeight?: number;
  maxHeight?: number;
  /** Heights above the ellipsoid less those of the cloud. */
  geoidHeight?: number;
  lowIntensity?: number;
  highIntensity?: number;
  classes?: Record<string, number>;
}

export interface PickedPoint {
  /** Longitude, latitude, height above the ellipsoid. */
  place: Place;
  /** Above the sea, where the tile says how far that is from the ellipsoid. */
  altitude: number | null;
  classification: number | null;
  intensity: number | null;
  returnNumber: number | null;
  /** 0 to 255, sRGB. */
  color: [number, number, number] | null;
  tile: string;
}

export interface Loaded {
  points: number;
  tiles: number;
  pending: boolean;
}

/** How near to the pointer a point must be, in pixels. */
const reach = 8;

export class CloudView {
  readonly materials = new PointMaterials();
  extras: Extras = {};
  onState: (loaded: Loaded) => void = () => {};
  onReady: (extras: Extras) => void = () => {};
  onFailure: (message: string) => void = () => {};

  /** Most points drawn at once. */
  budget = 3_000_000;

  private readonly renderer: WebGLRenderer;
  private readonly scene = new Scene();
  private readonly camera = new PerspectiveCamera(50, 1, 0.1, 1e6);
  private readonly controls: MapControls;
  private readonly tiles: TilesRenderer;
  private readonly toFrame = new Matrix4();
  private readonly fromFrame = new Matrix4();
  private readonly shown = new Map<Object3D, { points: Points[]; uri: string }>();
  private readonly box = new Box3();
  private ground: Mesh | null = null;
  private quality = 16;
  private isReady = false;

  constructor(private readonly element: HTMLElement, url: string) {
    this.renderer = new WebGLRenderer({ antialias: false, preserveDrawingBuffer: true });
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    element.append(this.renderer.domElement);
    this.scene.background = new Color(getComputedStyle(element).getPropertyValue('--sky').trim() || '#1d2a33');
    this.camera.up.set(0, 0, 1);
    this.controls = new MapControls(this.camera, this.renderer.domElement);
    this.controls.maxPolarAngle = Math.PI * 0.495;
    this.controls.zoomToCursor = true;
    this.controls.listenToKeyEvents(element);

    this.tiles = new TilesRenderer(url);
    this.tiles.setCamera(this.camera);
    this.tiles.lruCache.maxBytesSize = 1.5 * 2 ** 30;
    this.scene.add(this.tiles.group);
    this.tiles.addEventListener('load-root-tileset', () => this.place());
    this.tiles.addEventListener('load-model', event => this.dress(event.scene as Object3D));
    this.tiles.addEventListener('dispose-model', event => this.shown.delete(event.scene as Object3D));
    this.tiles.addEventListener('tile-visibility-change', event => {
      const scene = event.scene as Object3D | null;
      if (scene) this.show(scene, event.visible, String((event.tile as any).content?.uri ?? ''));
    });
    this.tiles.addEventListener('load-error', event => {
      const { error, url: failed } = event as unknown as { error: Error; url: string };
      this.onFailure(`${new URL(String(failed), location.href).pathname} cannot be read: ${error.message}`);
    });
    new ResizeObserver(() => this.resize()).observe(element);
    this.resize();
    this.renderer.setAnimationLoop(() => this.draw());
  }

  /** What is drawn now. */
  get state(): Loaded {
    let points = 0;
    for (const { points: clouds } of this.shown.values()) for (const cloud of clouds) points += cloud.geometry.attributes['position']!.count;
    const { downloading, parsing } = (this.tiles as unknown as { stats: unknown }).stats as { downloading: number; parsing: number };
    return { points, tiles: this.shown.size, pending: !this.isReady || downloading + parsing > 0 };
  }

  /** Where the camera is and what it looks at. */
  get camera3d(): number[] {
    return [...this.camera.position.toArray(), ...this.controls.target.toArray()];
  }

  moveTo([x, y, z, tx, ty, tz]: number[]): void {
    this.camera.position.set(x!, y!, z!);
    this.controls.target.set(tx!, ty!, tz!);
  }

  /** Looks at all of the cloud, from the south. */
  fit(): void {
    const sphere = this.box.getBoundingSphere(new Sphere());
    const distance = sphere.radius * 1.6;
    this.controls.target.copy(sphere.center);
    this.camera.position.copy(sphere.center).add(new Vector3(0, -distance * 0.75, distance * 0.65));
  }

  /** West, south, east, north in degrees. */
  get bounds(): [number, number, number, number] {
    const corners = [0, 1, 2, 3].map(i => this.longLat(new Vector3(i & 1 ? this.box.max.x : this.box.min.x, i & 2 ? this.box.max.y : this.box.min.y, 0)));
    const [x, y] = [corners.map(c => c[0]), corners.map(c => c[1])];
    return [Math.min(...x), Math.min(...y), Math.max(...x), Math.max(...y)];
  }

  /** Spreads a picture of `bounds` in plate carrée under the points; null takes it away. */
  showGround(picture: string | null): void {
    if (this.ground) {
      this.scene.remove(this.ground);
      this.ground.geometry.dispose();
      (this.ground.material as MeshBasicMaterial).map?.dispose();
      (this.ground.material as MeshBasicMaterial).dispose();
      this.ground = null;
    }
    if (!picture) return;
    const map = new TextureLoader().load(picture, undefined, undefined, () => this.onFailure('The ground cannot be read.'));
    map.colorSpace = SRGBColorSpace;
    this.ground = new Mesh(this.groundShape(), new MeshBasicMaterial({ map, side: DoubleSide, toneMapped: false }));
    this.scene.add(this.ground);
  }

  /** The point under the pointer, or null. */
  pick(clientX: number, clientY: number, hidden: ReadonlySet<number>): PickedPoint | null {
    const area = this.renderer.domElement.getBoundingClientRect();
    const [px, py] = [clientX - area.left, clientY - area.top];
    const projection = new Matrix4().multiplyMatrices(this.camera.projectionMatrix, this.camera.matrixWorldInverse);
    const toClip = new Matrix4();
    let best: { cloud: Points; uri: string; index: number; score: number } | null = null;
    for (const { points, uri } of this.shown.values()) {
      for (const cloud of points) {
        const position = cloud.geometry.attributes['position']!;
        const classes = cloud.geometry.attributes['_classification'];
        const e = toClip.multiplyMatrices(projection, cloud.matrixWorld).elements;
        for (let i = 0; i < position.count; i++) {
          const [x, y, z] = [position.getX(i), position.getY(i), position.getZ(i)];
          const w = e[3]! * x + e[7]! * y + e[11]! * z + e[15]!;
          if (w <= 0) continue;
          const dx = ((e[0]! * x + e[4]! * y + e[8]! * z + e[12]!) / w + 1) * 0.5 * area.width - px;
          const dy = (1 - (e[1]! * x + e[5]! * y + e[9]! * z + e[13]!) / w) * 0.5 * area.height - py;
          const off = dx * dx + dy * dy;
          if (off > reach * reach || (classes && hidden.has(classes.getX(i)))) continue;
          // The nearest to the eye among those under the pointer: a pixel aside costs as much as a hundredth of the distance.
          const score = w * (1 + Math.sqrt(off) * 0.01);
          if (!best || score < best.score) best = { cloud, uri, index: i, score };
        }
      }
    }
    return best && this.describe(best.cloud, best.index, best.uri);
  }

  dispose(): void {
    this.renderer.setAnimationLoop(null);
    this.showGround(null);
    this.tiles.dispose();
    this.controls.dispose();
    this.renderer.dispose();
    this.renderer.domElement.remove();
  }

  private describe(cloud: Points, index: number, tile: string): PickedPoint {
    const { position, color, _intensity, _classification, _return_number } = cloud.geometry.attributes as Record<string, any>;
    const place = this.longLat(new Vector3().fromBufferAttribute(position, index).applyMatrix4(cloud.matrixWorld));
    const geoid = cloud.userData['geoidHeight'] ?? cloud.parent?.userData['geoidHeight'];
    const srgb = (value: number): number => Math.round(255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
    return {
      place,
      altitude: typeof geoid === 'number' ? place[2] - geoid : null,
      classification: _classification?.getX(index) ?? null,
      intensity: _intensity?.getX(index) ?? null,
      returnNumber: _return_number?.getX(index) ?? null,
      color: color ? [srgb(color.getX(index)), srgb(color.getY(index)), srgb(color.getZ(index))] : null,
      tile,
    };
  }

  private longLat(place: Vector3): Place {
    return geodetic(place.clone().applyMatrix4(this.fromFrame).toArray());
  }

  /** Sets the scene's axes: numbers stay small, up is up. */
  private place(): void {
    this.extras = (this.tiles as unknown as { rootTileset: any }).rootTileset.asset?.extras ?? {};
    const sphere = new Sphere();
    this.tiles.getBoundingSphere(sphere);
    const [longitude, latitude, height] = geodetic(sphere.center.toArray());
    const [l, p] = [(longitude * Math.PI) / 180, (latitude * Math.PI) / 180];
    const up = new Vector3(Math.cos(p) * Math.cos(l), Math.cos(p) * Math.sin(l), Math.sin(p));
    const east = new Vector3(-Math.sin(l), Math.cos(l), 0);
    this.fromFrame.makeBasis(east, up.clone().cross(east), up).setPosition(sphere.center);
    this.toFrame.copy(this.fromFrame).invert();
    this.tiles.group.matrixAutoUpdate = false;
    this.tiles.group.matrix.copy(this.toFrame);
    this.tiles.group.updateMatrixWorld(true);
    const turned = new Matrix4();
    const extent = new Box3();
    if (this.tiles.getOrientedBoundingBox(extent, turned)) this.box.copy(extent).applyMatrix4(turned.premultiply(this.toFrame));
    else this.box.setFromCenterAndSize(new Vector3(), new Vector3().setScalar(sphere.radius));
    const { uniforms } = this.materials;
    const { minHeight, maxHeight, geoidHeight } = this.extras;
    if (minHeight === undefined || maxHeight === undefined || geoidHeight === undefined) uniforms.heights.value.set(this.box.min.z, this.box.max.z);
    else uniforms.heights.value.set(minHeight + geoidHeight - height, maxHeight + geoidHeight - height);
    uniforms.intensities.value.set(this.extras.lowIntensity ?? 0, this.extras.highIntensity || 65535);
    this.isReady = true;
    this.fit();
    this.onReady(this.extras);
  }

  private dress(scene: Object3D): void {
    scene.traverse(child => {
      if (!(child instanceof Points)) return;
      const { geometry } = child as { geometry: BufferGeometry };
      // A tileset of another maker may lack what the shader reads.
      const { count } = geometry.attributes['position']!;
      for (const name of ['_intensity', '_classification', '_return_number'])
        if (!geometry.attributes[name]) geometry.setAttribute(name, new Float32BufferAttribute(new Float32Array(count), 1));
      child.material = geometry.attributes['color'] ? this.materials.colored : this.materials.plain;
    });
  }

  private show(scene: Object3D, visible: boolean, uri: string): void {
    if (!visible) {
      this.shown.delete(scene);
      return;
    }
    const points: Points[] = [];
    scene.traverse(child => child instanceof Points && points.push(child));
    this.shown.set(scene, { points, uri });
  }

  private groundShape(): BufferGeometry {
    const cells = 32;
    const [west, south, east, north] = this.bounds;
    const height = geodetic(new Vector3(0, 0, this.box.min.z).applyMatrix4(this.fromFrame).toArray())[2];
    const [positions, uvs, faces] = [[] as number[], [] as number[], [] as number[]];
    for (let row = 0; row <= cells; row++) {
      for (let column = 0; column <= cells; column++) {
        const [u, v] = [column / cells, row / cells];
        const place = geocentric([west + u * (east - west), south + v * (north - south), height]);
        positions.push(...new Vector3(...place).applyMatrix4(this.toFrame).toArray());
        uvs.push(u, v);
        if (row === cells || column === cells) continue;
        const i = row * (cells + 1) + column;
        faces.push(i, i + 1, i + cells + 1, i + 1, i + cells + 2, i + cells + 1);
      }
    }
    const shape = new BufferGeometry();
    shape.setAttribute('position', new Float32BufferAttribute(positions, 3));
    shape.setAttribute('uv', new Float32BufferAttribute(uvs, 2));
    shape.setIndex(faces);
    return shape;
  }

  private resize(): void {
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth || !clientHeight) return;
    this.renderer.setSize(clientWidth, clientHeight);
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
    this.tiles.setResolutionFromRenderer(this.camera, this.renderer);
  }

  private draw(): void {
    this.controls.update();
    const distance = this.camera.position.distanceTo(this.controls.target);
    this.camera.near = Math.max(0.05, distance / 1000);
    this.camera.far = Math.max(2000, distance * 20);
    this.camera.updateProjectionMatrix();
    this.camera.updateMatrixWorld();
    const state = this.state;
    // The error allowed grows until what is seen keeps to the budget, and shrinks again when there is room.
    if (state.points > this.budget) this.quality = Math.min(this.quality * 1.05, 4096);
    else if (state.points < this.budget * 0.7 && this.quality > 16) this.quality = Math.max(this.quality / 1.02, 16);
    this.tiles.errorTarget = this.quality;
    this.tiles.update();
    this.renderer.render(this.scene, this.camera);
    this.onState(state);
  }
}
