// A camera of this computer in a <video>, or an Error that says what to do.
export async function open_camera(video, gone) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error('this browser gives cameras only to pages of https or of this computer');
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } }).catch((error) => {
    throw new Error(error.name === 'NotAllowedError' ? 'the camera was refused: allow it beside the address, or drop a picture here'
        : error.name === 'NotFoundError' ? 'there is no camera: drop a picture here' : `the camera does not start: ${error.message}`);
  });
  for (const track of stream.getVideoTracks()) track.onended = gone;
  video.srcObject = stream;
  return stream;
}

export function close_camera(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}
