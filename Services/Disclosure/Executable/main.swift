import Disclosure

runDisclosure()
