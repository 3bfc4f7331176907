/** The part of fancy-canvas that series primitives draw with; the library itself is inside lightweight-charts.js. */
export interface MediaCoordinatesRenderingScope {
  readonly context: CanvasRenderingContext2D;
  readonly mediaSize: { readonly width: number; readonly height: number };
}

export interface CanvasRenderingTarget2D {
  /** Draw in CSS pixels; the canvas is scaled to the screen's pixels for us. */
  useMediaCoordinateSpace<T>(draw: (scope: MediaCoordinatesRenderingScope) => T): T;
}
