/** The answer with its receipt as a file, for `hydra_node verify-answer`. */
export function SaveFile({ file }: { file: Readonly<Record<string, unknown>> }) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(file, null, 2)], { type: 'application/json' }))
    const link = document.createElement('a')
    link.href = url
    link.download = 'hydra-answer.json'
    link.click()
    URL.revokeObjectURL(url)
  }
  return (
    <button type="button" className="quiet" title="For ./hydra_node verify-answer FILE" onClick={save}>
      Save with its receipt
    </button>
  )
}
