// Where the map looks: a local equirectangular projection around the middle of the picture. Cameras are values:
// {latDeg, lonDeg, pxPerM, width, height}.

export const METRES_PER_DEGREE = 111_195;
/** From a continent to a metre across the screen. */
const PX_PER_M_MIN = 1e-4;
const PX_PER_M_MAX = 50;

/** Place to [x, y] in pixels from the top left. */
export function project(camera, latDeg, lonDeg) {
  const { east, north } = offsetM(camera, latDeg, lonDeg);
  return [camera.width / 2 + east * camera.pxPerM, camera.height / 2 - north * camera.pxPerM];
}

/** [x, y] to [latDeg, lonDeg]. */
export function unproject(camera, x, y) {
  const east = (x - camera.width / 2) / camera.pxPerM;
  const north = (camera.height / 2 - y) / camera.pxPerM;
  return placeAt(camera, { east, north });
}

/** Metres east and north of a place, seen from another. */
export function offsetM({ latDeg: fromLat, lonDeg: fromLon }, latDeg, lonDeg) {
  const around = ((lonDeg - fromLon + 540) % 360 + 360) % 360 - 180;
  return { east: around * METRES_PER_DEGREE * cosOf(fromLat), north: (latDeg - fromLat) * METRES_PER_DEGREE };
}

/** The place so many metres east and north of another, as [latDeg, lonDeg]. */
export function placeAt({ latDeg, lonDeg }, { east, north }) {
  return [latDeg + north / METRES_PER_DEGREE, lonDeg + east / (METRES_PER_DEGREE * cosOf(latDeg))];
}

/** The picture moves by so many pixels with whoever drags it. */
export function panned(camera, dx, dy) {
  const [latDeg, lonDeg] = unproject(camera, camera.width / 2 - dx, camera.height / 2 - dy);
  return { ...camera, latDeg: Math.max(-89, Math.min(89, latDeg)), lonDeg };
}

/** `factor` times as large; what is at [x, y] stays there. */
export function zoomed(camera, factor, [x, y] = [camera.width / 2, camera.height / 2]) {
  const pxPerM = clampScale(camera.pxPerM * factor);
  const [latDeg, lonDeg] = unproject(camera, x, y);
  const moved = { ...camera, latDeg, lonDeg, pxPerM };
  return panned(moved, x - camera.width / 2, y - camera.height / 2);
}

/**
 * All of these places in the picture, as [latDeg, lonDeg]; null without any.
 * @param size `{width, height, paddingPx, spanMMin}`: of at least so many metres across
 */
export function framing(places, { width, height, paddingPx = 56, spanMMin = 200 }) {
  if (places.length === 0) return null;
  const [latDeg, lonDeg] = places[0];
  const first = { latDeg, lonDeg };
  const offsets = places.map(([lat, lon]) => offsetM(first, lat, lon));
  const [west, eastEnd] = bounds(offsets.map(({ east }) => east));
  const [south, northEnd] = bounds(offsets.map(({ north }) => north));
  const across = Math.max(40, width - 2 * paddingPx) / Math.max(eastEnd - west, spanMMin);
  const up = Math.max(40, height - 2 * paddingPx) / Math.max(northEnd - south, spanMMin);
  const [lat, lon] = placeAt(first, { east: (west + eastEnd) / 2, north: (south + northEnd) / 2 });
  return { latDeg: lat, lonDeg: lon, pxPerM: clampScale(Math.min(across, up)), width, height };
}

/** Whether a picture need not follow these places: none is out of it, and they do not fill too little of it. */
export function rests(camera, places, wanted) {
  if (camera.width !== wanted.width || camera.height !== wanted.height) return false;
  if (wanted.pxPerM > camera.pxPerM * 1.6) return false;
  let outside = 0;
  for (const [latDeg, lonDeg] of places) {
    const [x, y] = project(camera, latDeg, lonDeg);
    if (x < 16 || y < 16 || x > camera.width - 16 || y > camera.height - 16) outside++;
  }
  return outside <= places.length / 50;
}

/**
 * On the way from one picture to another: 0 is the first, 1 the second. The scale changes by equal shares, and the middle of
 * the second picture comes to the middle of the screen at an even pace: whoever watches does not lose it.
 */
export function between(from, to, share) {
  if (share >= 1) return to;
  const pxPerM = from.pxPerM * (to.pxPerM / from.pxPerM) ** share;
  const { east, north } = offsetM(to, from.latDeg, from.lonDeg);
  const left = (1 - share) * from.pxPerM / pxPerM;
  const [latDeg, lonDeg] = placeAt(to, { east: east * left, north: north * left });
  return { ...to, latDeg, lonDeg, pxPerM };
}

/** A round length in metres that is drawn at most so many pixels long. */
export function scaleBar({ pxPerM }, pxMax) {
  const metres = pxMax / pxPerM;
  const power = 10 ** Math.floor(Math.log10(metres));
  const stepM = [5, 2, 1].find((factor) => factor * power <= metres) * power;
  return { stepM, stepPx: stepM * pxPerM, text: stepM >= 1000 ? `${stepM / 1000} km` : `${stepM} m` };
}

/** All of a small fleet; of a large one all but the outermost hundredth, so that one glitch does not zoom it away. */
function bounds(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const cut = Math.floor(sorted.length / 100);
  return [sorted[cut], sorted[sorted.length - 1 - cut]];
}

function clampScale(pxPerM) {
  return Math.max(PX_PER_M_MIN, Math.min(PX_PER_M_MAX, pxPerM));
}

function cosOf(latDeg) {
  return Math.max(0.01, Math.cos(latDeg * Math.PI / 180));
}
