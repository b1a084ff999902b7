// Runs before the first paint, so that a chosen theme never flashes. A file, because the page's policy allows no inline script.
try {
  const theme = localStorage.getItem('hydra.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // No storage (a private window): the system's preference stands.
}

// Some headless systems name a language that Intl refuses, and the chart library asks Intl as soon as it loads.
try {
  new Intl.NumberFormat(navigator.language)
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' })
}
