/* Passkeys: asks the browser to make one or to show one, and sends the form with the answer.
 * form[data-passkey=get|create][data-options]: the server's question; data-closed, data-failed, data-known: what to say. */
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const question = async (form) => {
    const answer = await fetch(form.dataset.options, {
      method: "POST",
      headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, Accept: "application/json" },
      redirect: "error",
    });
    const told = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(), { said: told.error });
    return told.publicKey;
  };

  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const ask = async (kind, options) => {
    options.challenge = bytes(options.challenge);
    if (kind === "create") {
      options.user.id = bytes(options.user.id);
      options.excludeCredentials = known(options.excludeCredentials);
      return navigator.credentials.create({ publicKey: options });
    }
    options.allowCredentials = known(options.allowCredentials);
    return navigator.credentials.get({ publicKey: options });
  };

  /* Written by hand: toJSON() is missing in older browsers, and some password managers break it. */
  const told = (credential) => {
    const response = { clientDataJSON: text(credential.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    return {
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-passkey]");
    if (!form || form.elements.credential.value) return;
    event.preventDefault();
    const error = form.querySelector(".passkey-error");
    const button = form.querySelector("button");
    error.hidden = true;
    button.setAttribute("aria-busy", "true");
    try {
      if (!window.PublicKeyCredential) throw new Error("no passkeys here");
      const credential = await ask(form.dataset.passkey, await question(form));
      form.elements.credential.value = JSON.stringify(told(credential));
      form.submit();
    } catch (problem) {
      const words = { NotAllowedError: "closed", AbortError: "closed", InvalidStateError: "known" };
      error.textContent = problem.said || form.dataset[words[problem.name] || "failed"];
      error.hidden = false;
      button.removeAttribute("aria-busy");
    }
  });
  /* Coming back with the browser's button: the old answer is worth nothing. */
  window.addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("form[data-passkey] [name=credential]")) field.value = "";
  });
})();
