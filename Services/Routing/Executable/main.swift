import Routing

runRouting()
