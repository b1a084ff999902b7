declare module '*.css'
declare module '*.wasm' {
  const url: string
  export default url
}
