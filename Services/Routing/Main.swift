@main
enum Routing {
    static func main() {}
}
