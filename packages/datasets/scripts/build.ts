// Makes what a new network needs of hydra-gpt's data: build/hydra-gpt.data, the same bytes on every machine.
import { buildHydraGptData } from '../src/hydraGpt/built.ts'

const { trainCount, testCount } = await buildHydraGptData()
console.log(`datasets: build/hydra-gpt.data, ${trainCount} samples to train on, ${testCount} held out`)
