@main
enum Disclosure {
    static func main() {}
}
