// Written for the browser's own speechSynthesis: nothing here knows of Qingsheng.
const text = document.querySelector("#text");
const said = document.querySelector("#said");
const content = text.textContent;

document.querySelector("#speak").addEventListener("click", () => {
  const utterance = new SpeechSynthesisUtterance(content);
  utterance.addEventListener("boundary", ({ charIndex, charLength }) => {
    const mark = document.createElement("mark");
    mark.textContent = content.slice(charIndex, charIndex + charLength);
    text.replaceChildren(content.slice(0, charIndex), mark, content.slice(charIndex + charLength));
  });
  for (const name of ["start", "end", "error"]) {
    utterance.addEventListener(name, (event) => {
      said.textContent = event.error || name;
    });
  }
  speechSynthesis.speak(utterance);
});
document.querySelector("#cancel").addEventListener("click", () => speechSynthesis.cancel());
