// One material for all points: colours are chosen on the graphics card, so that a change of colouring loads nothing.

import { ClampToEdgeWrapping, DataTexture, GLSL3, NearestFilter, RGBAFormat, ShaderMaterial, UnsignedByteType, Vector2 } from 'three';
import { classOf } from './classes';

export const colourings = ['classification', 'height', 'rgb', 'intensity', 'return'] as const;
export type Colouring = (typeof colourings)[number];

const vertexShader = /* glsl */ `
  in float _intensity;
  in float _classification;
  in float _return_number;
  #ifdef HAS_COLOR
  in vec3 color;
  #endif
  uniform sampler2D classes;
  uniform int colouring;
  uniform float pointSize;
  uniform vec2 heights;
  uniform vec2 intensities;
  out vec3 shade;

  // Turbo, a rainbow that is even to the eye, by its polynomial of fifth degree.
  vec3 turbo(float x) {
    vec4 v4 = vec4(1.0, x, x * x, x * x * x);
    vec2 v2 = v4.zw * v4.z;
    return clamp(vec3(
      dot(v4, vec4(0.13572138, 4.61539260, -42.66032258, 132.13108234)) + dot(v2, vec2(-152.94239396, 59.28637943)),
      dot(v4, vec4(0.09140261, 2.19418839, 4.84296658, -14.18503333)) + dot(v2, vec2(4.27729857, 2.82956604)),
      dot(v4, vec4(0.10667330, 12.64194608, -60.58204836, 110.36276771)) + dot(v2, vec2(-89.90310912, 27.34824973))), 0.0, 1.0);
  }

  float within(vec2 range, float value) { return clamp((value - range.x) / max(range.y - range.x, 1e-6), 0.0, 1.0); }

  vec3 encode(vec3 linear) { return mix(12.92 * linear, 1.055 * pow(linear, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, linear)); }

  void main() {
    vec4 place = modelMatrix * vec4(position, 1.0);
    vec4 ofClass = texelFetch(classes, ivec2(int(_classification + 0.5), 0), 0);
    shade = ofClass.rgb;
    // The ground falls away from the plane of the scene as the earth is round.
    if (colouring == 1) shade = turbo(within(heights, place.z + dot(place.xy, place.xy) / 12756274.0));
    #ifdef HAS_COLOR
    if (colouring == 2) shade = encode(color);
    #endif
    if (colouring == 3) shade = vec3(within(intensities, _intensity));
    if (colouring == 4) shade = turbo(clamp((_return_number - 0.5) / 6.0, 0.0, 1.0));
    gl_Position = ofClass.a < 0.5 ? vec4(0.0, 0.0, 2.0, 1.0) : projectionMatrix * viewMatrix * place;
    gl_PointSize = pointSize;
  }
`;

const fragmentShader = /* glsl */ `
  precision highp float;
  in vec3 shade;
  out vec4 pixel;
  void main() {
    vec2 off = gl_PointCoord - 0.5;
    if (dot(off, off) > 0.25) discard;
    pixel = vec4(shade, 1.0);
  }
`;

/** What all tiles are drawn with; the uniforms are shared by the material for coloured clouds and that for others. */
export class PointMaterials {
  readonly classes = new DataTexture(new Uint8Array(256 * 4), 256, 1, RGBAFormat, UnsignedByteType);
  readonly uniforms = {
    classes: { value: this.classes },
    colouring: { value: 0 },
    pointSize: { value: 2 },
    heights: { value: new Vector2(0, 1) },
    intensities: { value: new Vector2(0, 65535) },
  };
  readonly colored = this.make(true);
  readonly plain = this.make(false);

  constructor() {
    this.classes.minFilter = this.classes.magFilter = NearestFilter;
    this.classes.wrapS = ClampToEdgeWrapping;
    this.hideClasses(new Set());
  }

  /** Points of these classes are not drawn. */
  hideClasses(hidden: ReadonlySet<number>): void {
    const data = this.classes.image.data as Uint8Array;
    for (let code = 0; code < 256; code++) data.set([...classOf(code).color, hidden.has(code) ? 0 : 255], 4 * code);
    this.classes.needsUpdate = true;
  }

  private make(hasColor: boolean): ShaderMaterial {
    return new ShaderMaterial({
      glslVersion: GLSL3, vertexShader, fragmentShader, uniforms: this.uniforms, defines: hasColor ? { HAS_COLOR: 1 } : {}, toneMapped: false,
    });
  }
}
