// A child that behaves as the word in DIR/mode says:
//   serve     reads the token, names its address, ends at the end of its input
//   die       the same, but ends at once with 3, complaining as a library would and as the log does
//   busy      ends at once with 4, as a server does whose folder another one has
//   late      the first two lives end before they named an address
//   deaf      never looks at its input again
// Each life adds a line "TOKEN" to DIR/lives.
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>
#include <thread>

int main(int argc, char **argv)
{
    std::string folder;
    std::string listen;
    std::string logs;
    for (int i = 1; i + 1 < argc; ++i) {
        if (argv[i] == std::string("--data"))
            folder = argv[i + 1];
        if (argv[i] == std::string("--listen"))
            listen = argv[i + 1];
        if (argv[i] == std::string("--logs"))
            logs = argv[i + 1];
    }
    if (argv[1] != std::string("--embedded") || listen != "127.0.0.1:0")
        return 2;
    if (!logs.empty())
        std::ofstream(folder + "/logs-folder") << logs;
    std::string mode;
    std::ifstream(folder + "/mode") >> mode;
    int lives = 0;
    std::ifstream before(folder + "/lives");
    for (std::string line; std::getline(before, line);)
        ++lives;
    std::string token;
    std::getline(std::cin, token);
    std::ofstream(folder + "/lives", std::ios::app) << token << std::endl;
    if (mode == "busy")
        return 4;
    if (mode == "late" && lives < 2)
        return 1;
    std::cout << "{\"address\": \"http://127.0.0.1:" << 5000 + lives << "\"}" << std::endl;
    if (mode == "die") {
        std::cerr << "the cellar is flooded" << std::endl
                  << R"({"level":"critical","message":"LOCAL_DISK_ERROR nothing can be kept here","correlation":null})" << std::endl;
        return 3;
    }
    if (mode == "deaf") {
        for (;;)
            std::this_thread::sleep_for(std::chrono::hours(1));
    }
    for (std::string line; std::getline(std::cin, line);) { }
    std::ofstream(folder + "/ended") << "well" << std::endl;
    return 0;
}
