// Starts the inbox. A file of its own, because the page is served under a policy without inline scripts.
// The build knows where `app` (the glue that wasm-bindgen wrote) and the WASM are.
import start from "app";

start({ module_or_path: __WASM_URL__ }).catch((error) => {
  console.error("Rejoin: the inbox could not start.", error);
  const words = document.createElement("p");
  words.setAttribute("role", "alert");
  words.textContent = "The inbox could not start. Reload the page; if that does not help, the browser's console says why.";
  document.body.append(words);
});
