/** Puts a text on the clipboard. False where the browser does not let it. */
export async function copyText(text: string): Promise<boolean> {
  // Browsers have it on HTTPS and localhost only; portals on plain HTTP need the old way.
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyBySelection(text);
    }
  }
  return copyBySelection(text);
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('readonly', '');
  area.style.position = 'fixed';
  area.style.opacity = '0';
  const focused = document.activeElement;
  // Inside a dialog, or its focus trap takes the focus back at once.
  const host = focused?.closest('[role="dialog"]') ?? document.body;
  host.appendChild(area);
  try {
    area.select();
    return document.execCommand('copy');
  } catch {
    return false;
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}
