// A line of the latest values on a small canvas.

export function drawSparkline(canvas, values, { pointsMax }) {
  const scale = devicePixelRatio;
  canvas.width = canvas.clientWidth * scale;
  canvas.height = canvas.clientHeight * scale;
  const context = canvas.getContext("2d");
  const max = Math.max(1, ...values);
  context.strokeStyle = getComputedStyle(canvas).getPropertyValue("--ok");
  context.lineWidth = 1.5 * scale;
  context.lineJoin = "round";
  context.beginPath();
  const inset = context.lineWidth;
  for (const [i, value] of values.entries()) {
    const x = canvas.width - inset - (values.length - 1 - i) * (canvas.width - 2 * inset) / (pointsMax - 1);
    const y = canvas.height - inset - (value / max) * (canvas.height - 2 * inset);
    context.lineTo(x, y);
  }
  context.stroke();
}
